// SPDX-License-Identifier: MIT

import StrictMustache

/// The drawing of a lifecycle: phases one below the other, arrows downwards on the left and upwards on the right of the middle, and
/// beside each the calls. An arrow that passes a phase by runs along the margin.
///
/// Lengths are in the units of the drawing's `viewBox`: its texts are of a fixed width and 11 high.
extension Lifecycle {
    private static let character = 6.7
    private static let line = 15.0
    /// From the middle of a phase to its upper and its lower edge.
    private static let half = 15.0
    /// From the middle to an arrow between two phases.
    private static let offset = 14.0
    /// Between an arrow and what is said of it.
    private static let gap = 7.0

    private enum Lane {
        /// Between a phase and the next.
        case between
        /// Past another phase, along the margin.
        case past
        /// Back to where it comes from.
        case back
    }

    private func lane(of edge: Edge) -> Lane {
        edge.from == edge.to ? .back : abs(edge.from - edge.to) == 1 ? .between : .past
    }

    /// Downwards is on the left. A call that stays in the last phase stands there as well: on the right is the way back from it.
    private func isLeft(_ edge: Edge) -> Bool {
        edge.from < edge.to || (edge.from == edge.to && edge.from == phases.count - 1)
    }

    /// Lines that stand beside the phase itself, above those of the arrows that follow.
    private func linesBeside(_ phase: Int, isLeft: Bool) -> Int {
        edges.filter { $0.from == phase && lane(of: $0) != .between && self.isLeft($0) == isLeft }.reduce(0) {
            $0 + $1.lines.count
        }
    }

    /// Lines of the arrows between a phase and the next.
    private func linesBelow(_ phase: Int, isLeft: Bool) -> Int {
        let edge = edges.first {
            min($0.from, $0.to) == phase && lane(of: $0) == .between && self.isLeft($0) == isLeft
        }
        return edge?.lines.count ?? 0
    }

    /// From the middle of a phase to the first line of what is said of the arrows below it.
    private func drop(below phase: Int, isLeft: Bool) -> Double {
        max(Self.half + 20, 8 + Self.line * Double(linesBeside(phase, isLeft: isLeft) + 1))
    }

    private var places: [Double] {
        var places = [36.0]
        for phase in phases.indices.dropLast() {
            let heights = [true, false].map { isLeft in
                drop(below: phase, isLeft: isLeft) + Self.line * Double(linesBelow(phase, isLeft: isLeft))
            }
            places.append(places[phase] + heights.reduce(60, max) + Self.half + 6)
        }
        return places
    }

    /// The drawing as the fields of a record.
    var drawing: Record {
        let width = { (text: String) in Double(text.count) * Self.character }
        let places = places
        let node = phases.map(width).reduce(0, max) / 2 + 12
        /// From the middle to the end of what is said of an edge that is the nearer one.
        let start = { (edge: Edge) -> Double in
            switch lane(of: edge) {
            case .between: Self.offset + Self.gap
            case .past: node + 10
            case .back: node + 26
            }
        }
        let reach = { (isLeft: Bool) -> Double in
            edges.filter { self.isLeft($0) == isLeft }.map { edge in
                start(edge) + edge.lines.map { width($0.text) }.reduce(0, max)
                    + (lane(of: edge) == .past || !isLeft ? 8 : 0)
            }.reduce(0, max)
        }
        let middle = max(reach(true), node) + 4
        let right = middle + max(reach(false), node) + 4
        var lines = Double(
            max(linesBeside(phases.count - 1, isLeft: true), linesBeside(phases.count - 1, isLeft: false)))
        if lines == 0 { lines = 0.6 }

        var labels: [Record] = []
        var arrows: [Record] = []
        for edge in edges {
            let isLeft = isLeft(edge)
            let sign = isLeft ? -1.0 : 1.0
            var y: Double
            switch lane(of: edge) {
            case .between:
                y = places[min(edge.from, edge.to)] + drop(below: min(edge.from, edge.to), isLeft: isLeft)
            case .past: y = places[edge.from] + Self.line + 3
            case .back: y = places[edge.from] + 4
            }
            for line in edge.lines {
                labels.append([
                    "x": Self.text(middle + sign * start(edge)), "y": Self.text(y), "isLeft": .flag(isLeft),
                    "words": .text(line.text), "fails": .flag(line.fails),
                ])
                y += Self.line
            }
            arrows.append(
                arrow(of: edge, middle: middle, sign: sign, node: node, margin: isLeft ? 4 : right - 4, places))
        }
        let nodes = zip(phases, places).map { name, place -> Record in
            [
                "name": .text(name), "x": Self.text(middle - node), "y": Self.text(place - Self.half),
                "width": Self.text(2 * node), "height": Self.text(2 * Self.half), "baseline": Self.text(place + 4),
            ]
        }
        return [
            "width": Self.text(right), "height": Self.text(places.reduce(0, max) + Self.half + 6 + Self.line * lines),
            "middle": Self.text(middle), "nodes": .list(nodes), "arrows": .list(arrows), "labels": .list(labels),
        ]
    }

    private func arrow(
        of edge: Edge, middle: Double, sign: Double, node: Double, margin: Double, _ places: [Double]
    ) -> Record {
        let (from, to) = (places[edge.from], places[edge.to])
        let path: [String]
        let tip: (x: Double, y: Double)
        // The way in which the arrow points.
        let way: (x: Double, y: Double)
        switch lane(of: edge) {
        case .between:
            let down = edge.from < edge.to ? 1.0 : -1.0
            let x = middle + sign * Self.offset
            tip = (x, to - down * Self.half)
            way = (0, down)
            path = ["M", Self.point(x, from + down * Self.half), "V", Self.number(tip.y - 6 * down)]
        case .past:
            let down = edge.from < edge.to ? 1.0 : -1.0
            let edgeOfNode = middle + sign * node
            tip = (edgeOfNode, to)
            way = (-sign, 0)
            path = [
                "M", Self.point(edgeOfNode, from), "H", Self.number(margin - 10 * sign),
                "Q", Self.point(margin, from), Self.point(margin, from + 10 * down), "V",
                Self.number(to - 10 * down), "Q", Self.point(margin, to), Self.point(margin - 10 * sign, to), "H",
                Self.number(edgeOfNode + 6 * sign),
            ]
        case .back:
            let x = middle + sign * node
            tip = (x, from + 7)
            way = (-sign, 0)
            path = [
                "M", Self.point(x, from - 7), "C", Self.point(x + 24 * sign, from - 14),
                Self.point(x + 26 * sign, from + 7), Self.point(x + 6 * sign, from + 7),
            ]
        }
        let back = (x: tip.x - 7 * way.x, y: tip.y - 7 * way.y)
        let head = [
            "M", Self.point(tip.x, tip.y), "L", Self.point(back.x + 4 * way.y, back.y + 4 * way.x),
            Self.point(back.x - 4 * way.y, back.y - 4 * way.x), "Z",
        ]
        return [
            "path": .text(path.joined(separator: " ")), "head": .text(head.joined(separator: " ")),
            "fails": .flag(!edge.steps.contains(where: \.ifItWorks)),
        ]
    }

    /// One decimal is enough for a screen.
    private static func number(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    private static func text(_ number: Double) -> Value { .text(Self.number(number)) }

    private static func point(_ x: Double, _ y: Double) -> String { "\(number(x)) \(number(y))" }
}
