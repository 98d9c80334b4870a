// SPDX-License-Identifier: MIT

import CCryptoki
import CryptokiSession

/// Attributes of an object.
struct Template {
    private(set) var attributes: [(type: CK_ATTRIBUTE_TYPE, value: [UInt8])] = []

    func with(_ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8]) -> Template {
        var copy = self
        copy.attributes.append((type, value))
        return copy
    }

    func with(_ type: CK_ATTRIBUTE_TYPE, _ flag: Bool) -> Template { with(type, [flag ? 1 : 0]) }

    func with(_ type: CK_ATTRIBUTE_TYPE, number: CK_ULONG) -> Template {
        with(type, withUnsafeBytes(of: number) { Array($0) })
    }

    func with(_ types: [CK_ATTRIBUTE_TYPE], _ flag: Bool) -> Template {
        types.reduce(self) { $0.with($1, flag) }
    }

    /// Lends the attributes as C wants them; each value is aligned, as modules read numbers in place.
    func lent<Result>(_ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) -> Result) -> Result {
        let size = attributes.reduce(0) { $0 + ($1.value.count + 15) / 16 * 16 }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 16), alignment: 16)
        defer { memory.deallocate() }
        var offset = 0
        var list: [CK_ATTRIBUTE] = []
        for (type, value) in attributes {
            let place = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + value.count])
            place.copyBytes(from: value)
            list.append(
                CK_ATTRIBUTE(type: type, pValue: place.baseAddress, ulValueLen: CK_ULONG(value.count)))
            offset += (value.count + 15) / 16 * 16
        }
        return list.withUnsafeMutableBufferPointer { body($0.isEmpty ? nil : $0.baseAddress, CK_ULONG($0.count)) }
    }
}

/// A mechanism with its parameter.
struct MechanismValue {
    let type: Mechanism
    var parameter: [UInt8] = []

    func lent<Result>(_ body: (UnsafeMutablePointer<CK_MECHANISM>) -> Result) -> Result {
        var parameter = parameter
        return parameter.withUnsafeMutableBytes { bytes in
            var mechanism = CK_MECHANISM(
                mechanism: type.rawValue, pParameter: bytes.isEmpty ? nil : bytes.baseAddress,
                ulParameterLen: CK_ULONG(bytes.count))
            return body(&mechanism)
        }
    }
}
