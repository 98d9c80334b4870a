#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Flips each rule of spec/cryptoki.xml in turn, and sees whether something written by hand notices.

What may notice, and is asked in this order:
  loader  p11gen refuses the data;
  cases   run_cases does not find the cases of lifecycle.cases and semantics.cases as they are written;
  pairs   check_pairs does not find the usage guide's table of pairs;
  async   run_async does not find the cases of async.cases as they are written;
  header  check_header: whose sessions a call touches, starts that abandon, two threads;
  verify  p11gen verify finds a property that does not hold.
The committed outputs, and whatever compares with them, notice everything and so say nothing: they are not asked.

A mutant whose C header and JSON are those of the data itself, but for texts, is equivalent: there is nothing to notice.
Whatever else nobody notices is a survivor. It is a hole in the cases, or survivors.txt says why it is none, a line each:
the mutant's name, a tab, the reason. A line there for a mutant that is noticed by now is a mistake as well.
"""

import argparse
import collections
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SURVIVORS = os.path.join(HERE, "survivors.txt")
FLAGS = ["-std=c99", "-O0", "-w", "-pipe", "-Dalways_inline=unused"]
CATCHERS = ["loader", "cases", "pairs", "async", "header", "verify"]

# ---- Reading the data, with the place of everything, so that a mutant is the same file but for its one difference ----


class Element:
    def __init__(self, kind, start, name_end, line, parent):
        self.kind, self.start, self.name_end, self.line, self.parent = kind, start, name_end, line, parent
        self.end = None
        self.values = {}
        self.spans = {}
        self.children = []

    def __getitem__(self, attribute):
        return self.values.get(attribute)

    def all(self, kind):
        return [child for child in self.children if child.kind == kind]


TAG = re.compile(r'<!--.*?-->|<\?.*?\?>|<(/?)([\w-]+)((?:\s+[\w-]+="[^"]*")*)\s*(/?)>', re.S)
ATTRIBUTE = re.compile(r'\s+([\w-]+)="([^"]*)"')


def read_elements(text):
    top = Element("", 0, 0, 1, None)
    current = top
    for tag in TAG.finditer(text):
        if tag.group(2) is None:
            continue
        if tag.group(1):
            current.end = tag.end()
            current = current.parent
            continue
        line = text.count("\n", 0, tag.start()) + 1
        element = Element(tag.group(2), tag.start(), tag.end(2), line, current)
        for attribute in ATTRIBUTE.finditer(text, tag.start(3), tag.end(3)):
            element.values[attribute.group(1)] = attribute.group(2)
            element.spans[attribute.group(1)] = (attribute.start(), attribute.start(2), attribute.end(2), attribute.end())
        current.children.append(element)
        if tag.group(4):
            element.end = tag.end()
        else:
            current = element
    return top.children[0]


class Mutant:
    def __init__(self, kind, name, line, edits):
        self.kind, self.name, self.line, self.edits = kind, name, line, edits

    def apply(self, text):
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def difference(self, text):
        """The lines that differ, each side on one line."""
        start = text.rfind("\n", 0, min(edit[0] for edit in self.edits)) + 1
        end = text.find("\n", max(edit[1] for edit in self.edits) - 1)
        old = text[start:end]
        new = Mutant("", "", 0, [(a - start, b - start, c) for a, b, c in self.edits]).apply(text[start : end + 1])
        return [sign + " " + " ".join(side.split()) for sign, side in (("-", old), ("+", new)) if side.strip()]


# ---- The mutants ----

# What a rule may as well say of a phase. A message is to the message kinds what parts are to the others.
PHASES = ["idle", "ready", "parts", "uncertain", "same"]

SIMILAR_ROLES = {
    "none": ["instant", "restore"],
    "instant": ["none"],
    "begin": ["begin-cancel", "part-in"],
    "single": ["single-recover", "last-out"],
    "single-recover": ["single", "last-out"],
    "single-check": ["last-check", "single"],
    "part-out": ["part-in", "last-out"],
    "part-in": ["part-out", "part-key"],
    "part-key": ["part-in"],
    "last-out": ["last-check", "single"],
    "last-check": ["last-out", "single-check"],
    "search-next": ["search-end", "part-key"],
    "search-end": ["search-next", "last-check"],
    "dual": ["part-out"],
    "message-single": ["message-check", "message-begin"],
    "message-check": ["message-single", "message-begin"],
    "message-begin": ["message-check", "message-next-check"],
    "message-next-check": ["message-next-out", "message-begin"],
    "message-next-out": ["message-next-check", "message-next-sign"],
    "message-next-sign": ["message-next-out", "message-next-check"],
    "message-last-check": ["message-last-out"],
    "message-last-out": ["message-last-check"],
    "message-end": ["search-end", "last-check"],
    "cancel": ["close", "none"],
    "open": ["none", "close-all"],
    "close": ["none", "close-all"],
    "close-all": ["close", "finalize"],
    "initialize": ["finalize"],
    "finalize": ["close-all", "none"],
    "login": ["none", "login-again"],
    "logout": ["none", "close"],
    "save": ["restore", "instant"],
    "restore": ["save", "logout"],
    "legacy": ["instant", "restore"],
    "async-complete": ["async-id", "async-join"],
    "async-id": ["async-complete", "async-join"],
    "async-join": ["async-complete", "async-id"],
    "begin-cancel": ["search-end"],
    "login-again": ["logout"],
}

SIMILAR_OPERATIONS = {
    "find": "digest",
    "encrypt": "decrypt",
    "decrypt": "encrypt",
    "digest": "sign",
    "sign": "verify",
    "signRecover": "sign",
    "verify": "verifySignature",
    "verifyRecover": "signRecover",
    "verifySignature": "verify",
    "messageEncrypt": "messageDecrypt",
    "messageDecrypt": "messageEncrypt",
    "messageSign": "messageVerify",
    "messageVerify": "messageSign",
}

# Ten that are no pair: every way of not being one is among them.
NO_PAIRS = [
    ("find", "digest"),
    ("encrypt", "decrypt"),
    ("encrypt", "verify"),
    ("decrypt", "sign"),
    ("digest", "sign"),
    ("digest", "verify"),
    ("sign", "verify"),
    ("signRecover", "encrypt"),
    ("decrypt", "verifyRecover"),
    ("decrypt", "verifySignature"),
    ("messageEncrypt", "digest"),
    ("messageDecrypt", "messageVerify"),
]


class Mutations:
    def __init__(self, text):
        self.text = text
        self.data = read_elements(text)
        self.mutants = []

    # -- What may be done to an element. The name tells the element and what was done to it, and stays when lines move.

    def add(self, element, path, what, edits, kind=None):
        self.mutants.append(Mutant(kind or element.kind, f"{path} {what}", element.line, edits))

    def drop(self, element, path, also=()):
        edits = list(also)
        start = self.text.rfind("\n", 0, element.start) + 1
        edits.append((start, self.text.index("\n", element.end) + 1, ""))
        self.add(element, path, "dropped", edits)

    def edit(self, element, attribute, value):
        """The edit that gives the attribute another value; None drops it."""
        if attribute not in element.values:
            return (element.name_end, element.name_end, f' {attribute}="{value}"')
        first, start, end, last = element.spans[attribute]
        return (first, last, "") if value is None else (start, end, value)

    def change(self, element, path, attribute, *values, **also):
        """A mutant for each value that the attribute has not. None: without the attribute."""
        old = element[attribute]
        for value in dict.fromkeys(values):
            if value == old:
                continue
            if value is None:
                what = f"{attribute}={old} dropped"
            elif old is None:
                what = f"{attribute}={value} added"
            else:
                what = f"{attribute}={old}->{value}"
            edits = [self.edit(element, attribute, value)]
            for other, its in also.items():
                edits.append(self.edit(element, other, its))
                what += f" {other}={its}"
            self.add(element, path, what, edits)

    # -- One method for each part of the file

    def all(self):
        parts = {part.kind: part for part in self.data.children}
        self.roles = parts["roles"].all("role")
        self.groups = [group["name"] for group in parts["groups"].all("group")]
        self.kinds = ["search", "cryptographic"]
        self.perspectives(parts["perspectives"])
        self.operations(parts["operations"])
        self.pairs(parts["pairs"])
        self.exclusions(parts["exclusions"])
        self.policies(parts["policies"], parts["exclusions"])
        for conflict in parts["conflicts"].all("conflict"):
            self.change(conflict, "conflict/" + conflict["name"], "abandons", flipped(conflict["abandons"]))
        self.change(parts["concurrency"], "concurrency", "start", "CKR_FUNCTION_FAILED")
        self.change(parts["concurrency"], "concurrency", "other", "CKR_OPERATION_ACTIVE", "CKR_GENERAL_ERROR")
        self.change(parts["meanwhile"], "meanwhile", "with", "CKR_FUNCTION_FAILED")
        self.facts(parts["facts"], parts["uses"])
        self.outcomes(parts["outcomes"])
        functions = parts["functions"].all("function")
        without = {function["role"] for function in functions if not function["operation"]}
        for role in self.roles:
            self.role(role, moves=role["scope"] or role["name"] not in without)
        for function in functions:
            self.function(function)
        names = collections.Counter(mutant.name for mutant in self.mutants)
        twice = [name for name, count in names.items() if count > 1]
        if twice:
            sys.exit(f"two mutants have one name: {', '.join(twice)}")
        return self.mutants

    def perspectives(self, part):
        for perspective in part.all("perspective"):
            path = "perspective/" + perspective["name"]
            self.change(perspective, path, "out-of-phase", {"refuse": "report"}.get(perspective["out-of-phase"], "refuse"))
            self.change(perspective, path, "uncertain", flipped(perspective["uncertain"]))

    def operations(self, part):
        operations = part.all("operation")
        for index, operation in enumerate(operations):
            path = "operation/" + operation["name"]
            other = operations[(index + 1) % len(operations)]
            self.change(operation, path, "flag", other["flag"], operations[index - 1]["flag"])
            self.change(operation, path, "saved", None if operation["saved"] else "no")
            self.change(operation, path, "kind", None if operation["kind"] else "search")

    def pairs(self, part):
        pairs = part.all("pair")
        for pair in pairs:
            self.drop(pair, "pair/" + pair["id"])
        place = pairs[-1].end
        for first, second in NO_PAIRS:
            line = f'\n    <pair id="pair-{first}-{second}" first="{first}" second="{second}" cite="guide-3.2 2.6.7"/>'
            self.add(pairs[-1], f"pair/pair-{first}-{second}", "added", [(place, place, line)])

    def exclusions(self, part):
        for exclusion in part.all("exclusion"):
            path = "exclusion/" + exclusion["id"]
            self.change(exclusion, path, "beside", "itself", "every", *self.kinds)
            if exclusion["starting"]:
                self.change(exclusion, path, "starting", "every", *self.kinds)
                self.change(exclusion, path, "unless", None if exclusion["unless"] else "pair")
            else:
                self.change(exclusion, path, "calling", *self.groups)
            self.change(exclusion, path, "with", "CKR_FUNCTION_FAILED", "CKR_OPERATION_NOT_INITIALIZED")

    def policies(self, part, exclusions):
        for policy in part.all("policy"):
            path = "policy/" + policy["name"]
            self.change(policy, path, "most", None, "1", "2", "3")
            self.change(policy, path, "out-of-phase", None if policy["out-of-phase"] else "refuse")
            applied = {applies["exclusion"]: applies for applies in policy.all("applies")}
            for exclusion in exclusions.all("exclusion"):
                name = exclusion["id"]
                if name in applied:
                    self.drop(applied[name], f"{path}/applies/{name}")
                else:
                    last = policy.all("applies")[-1]
                    line = f'\n      <applies exclusion="{name}"/>'
                    self.add(last, f"{path}/applies/{name}", "added", [(last.end, last.end, line)])

    def facts(self, facts, uses):
        names = [fact["name"] for fact in facts.all("fact")]
        for fact in facts.all("fact"):
            self.drop(fact, "fact/" + fact["name"])
        tests = {"null": "not-null", "not-null": "null", "flag": "equal", "equal": "flag", "flags": "none", "none": "null"}
        for use in uses.all("use"):
            path = "use/" + use["name"]
            self.change(use, path, "test", tests.get(use["test"], "none"))
            if use["fact"]:
                self.change(use, path, "fact", None, *names)
            if use["value"]:
                other = {"CKF_END_OF_MESSAGE": "CKF_ENCRYPT", "CKU_CONTEXT_SPECIFIC": "CKU_USER"}[use["value"]]
                self.change(use, path, "value", None, other)

    def outcomes(self, part):
        for outcome in part.all("outcome"):
            path = "outcome/" + outcome["name"]
            self.drop(outcome, path)
            if outcome["value"]:
                self.change(outcome, path, "value", "CKR_DEVICE_ERROR")
            if outcome["else"]:
                self.change(outcome, path, "else", None, "ok", "error")
            if outcome["effect"]:
                self.change(outcome, path, "effect", "gone", "doubt", "contradiction", "pending")
                # An ordinary error instead. Only what is gone reaches anything.
                reach = {"reach": None} if outcome["reach"] else {}
                self.change(outcome, path, "effect", None, **{"else": "error"}, **reach)
            if outcome["effect"] == "gone":
                self.change(outcome, path, "reach", None, "token", "library")
            self.change(outcome, path, "fact", None)
            self.change(outcome, path, "keeps", None if outcome["keeps"] else "yes")

    def role(self, role, moves):
        name = role["name"]
        path = "role/" + name
        message = name.startswith("message")
        far = "message" if message else "parts"
        phases = [far if phase == "parts" else phase for phase in PHASES]
        self.change(role, path, "starts", None if role["starts"] else "yes")
        self.change(role, path, "scope", *([None, "every", "flagged"] if role["scope"] else ["every"]))
        self.change(role, path, "group", *([None] + self.groups if role["group"] else ["account"]))
        if role["async"]:
            self.change(role, path, "async", None, "complete", "identify", "join", "end", "cancel")
        elif role["scope"]:
            self.change(role, path, "async", "end", "cancel")
        if role["like"]:
            self.change(role, path, "like", None, *(like for like in ("message-single", "message-next-check") if like != name))
        for variant in role.all("variant"):
            self.drop(variant, path + "/variant")
            self.change(variant, path + "/variant", "role", *SIMILAR_ROLES[variant["role"]])
        refused = [refuses["phase"] for refuses in role.all("refuses")]
        for refuses in role.all("refuses"):
            here = f"{path}/refuses/{refuses['phase']}"
            self.drop(refuses, here)
            self.change(refuses, here, "phase", *(phase for phase in phases[:4] if phase not in refused))
            self.change(
                refuses, here, "with", "CKR_OPERATION_ACTIVE", "CKR_OPERATION_NOT_INITIALIZED", "CKR_FUNCTION_FAILED")
            self.change(refuses, here, "softly", None if refuses["softly"] else "yes")
        for after in role.all("after"):
            here = f"{path}/after/{after['outcome']}" + (f"@{after['from']}" if after["from"] else "")
            self.drop(after, here)
            # Where no operation is named, no phase goes anywhere.
            if moves:
                self.change(after, here, "to", *phases)
            for attribute in ("from", "unsaved", "together"):
                if after[attribute]:
                    self.change(after, here, attribute, None)
            if after["known"]:
                self.change(after, here, "known", None, far)
            elif after["to"] == "uncertain":
                self.change(after, here, "known", "idle")
            if after["reach"]:
                self.change(after, here, "reach", None, "token", "library")
            elif role["scope"]:
                self.change(after, here, "reach", "token")

    def function(self, function):
        path = "function/" + function["name"]
        self.change(function, path, "role", *SIMILAR_ROLES[function["role"]])
        for attribute in ("operation", "second"):
            if function[attribute]:
                self.change(function, path, attribute, None, SIMILAR_OPERATIONS[function[attribute]])
        if function["group"]:
            self.change(function, path, "group", None, *self.groups)
        if function["flag"]:
            self.change(function, path, "flag", None, "CKF_HW")
        for parameter in function.all("parameter"):
            # That a function of an operation has a session goes without saying.
            if parameter["use"] and not (parameter["use"] == "session" and function["operation"]):
                self.change(parameter, f"{path}/{parameter['name']}", "use", None)
        for answers in function.all("answers"):
            self.drop(answers, f"{path}/answers/{answers['rule']}")
            self.change(answers, f"{path}/answers/{answers['rule']}", "with", "CKR_FUNCTION_FAILED")


def flipped(word):
    return {"yes": "no", "no": "yes"}[word]


# ---- Asking those that may notice ----

TEXTS = {"summary", "text", "title", "question", "chosen", "reason", "citation", "reading"}


def without_texts(value):
    if isinstance(value, dict):
        return {key: without_texts(item) for key, item in value.items() if key not in TEXTS}
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    return value


class Workshop:
    """A folder of its own, with the data, the templates and what is made of them."""

    def __init__(self, p11gen, spec, within):
        self.p11gen = p11gen
        self.folder = tempfile.mkdtemp(dir=within)
        shutil.copytree(spec, self.path("spec"))
        shutil.copytree(os.path.join(ROOT, "Templates"), self.path("Templates"))

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run(self, *command):
        """The exit code: who runs for ever has noticed as well, a crash of p11gen is nobody's notice."""
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=self.folder)
        except subprocess.TimeoutExpired:
            return 124, ""
        if command[0] == self.p11gen and result.returncode not in (0, 1, 65):
            raise RuntimeError(f"p11gen ended with {result.returncode}: {result.stderr}")
        return result.returncode, result.stdout

    def data(self):
        return ["--spec", self.path("spec", "cryptoki.xml"), "--schema", self.path("spec", "cryptoki.rng")]

    def write(self, text):
        with open(self.path("spec", "cryptoki.xml"), "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def generate(self):
        output = ["--templates", self.path("Templates"), "--output", self.path("out")]
        return self.run(self.p11gen, "generate", *self.data(), *output)[0]

    def meaning(self):
        """The C header and the JSON without what only people read."""
        with open(self.path("out", "c", "include", "p11_session_rules.h"), encoding="utf-8") as file:
            header = re.sub(r'/\*.*?\*/|"(?:[^"\\]|\\.)*"', "", file.read(), flags=re.S)
        code, exported = self.run(self.p11gen, "export", *self.data())
        return " ".join(header.split()), without_texts(json.loads(exported)) if code == 0 else None

    def program_notices(self, name, *runs):
        # A warning is nobody's notice; a call that the program's author wrote and that does not compile is one. What the
        # header wants put in place everywhere is not: that takes most of the time, and changes no answer.
        program = self.path(name)
        include = self.path("out", "c", "include")
        source = os.path.join(ROOT, "Tests", "Programs", name + ".c")
        if self.run("gcc", *FLAGS, "-I", include, source, "-o", program)[0] != 0:
            return True
        return any(self.run(program, *arguments)[0] != 0 for arguments in runs)

    def catcher(self, original):
        """Who notices the data in the folder: a name, "equivalent", or "" if nobody does. What leaves the C header as it
        was, only the JSON not, the C programs cannot notice: then None stands for nobody."""
        cases = os.path.join(ROOT, "Tests", "Cases")
        values = os.path.join(cases, "return-values.tsv")
        two, four = "usage-guide single", "usage-guide single per-kind strict"
        if self.generate() != 0:
            return "loader"
        meaning = self.meaning()
        if meaning == original:
            return "equivalent"
        verify = [self.p11gen, "verify", *self.data(), "--walk", "2000"]
        if original and meaning[0] == original[0]:
            return "verify" if self.run(*verify)[0] != 0 else None
        if self.program_notices(
            "run_cases",
            [values, two, os.path.join(cases, "lifecycle.cases")],
            [values, four, os.path.join(cases, "semantics.cases")],
        ):
            return "cases"
        if self.program_notices("check_pairs", []):
            return "pairs"
        if self.program_notices("run_async", [values, four, os.path.join(cases, "async.cases")]):
            return "async"
        if self.program_notices("check_header", []):
            return "header"
        return "verify" if self.run(*verify)[0] != 0 else ""


def work(workshop, text, original, mutants, tasks, results):
    """One of the processes: takes numbers of mutants until there are no more."""
    for index in iter(tasks.get, None):
        try:
            workshop.write(mutants[index].apply(text))
            results.put((index, workshop.catcher(original), None))
        except Exception as problem:
            results.put((index, None, str(problem)))


def ask_all(workshops, text, original, mutants):
    tasks, results = multiprocessing.Queue(), multiprocessing.Queue()
    for index in range(len(mutants)):
        tasks.put(index)
    for _ in workshops:
        tasks.put(None)
    workers = [
        multiprocessing.Process(target=work, args=(workshop, text, original, mutants, tasks, results), daemon=True)
        for workshop in workshops
    ]
    for worker in workers:
        worker.start()
    found = {}
    begun = time.time()
    for count in range(1, len(mutants) + 1):
        index, catcher, problem = results.get()
        if problem:
            sys.exit(f"{mutants[index].name}: {problem}")
        found[index] = catcher
        if not catcher:
            print(f"  nobody notices {mutants[index].name}", flush=True)
        if count % 50 == 0:
            print(f"  {count} of {len(mutants)} after {time.time() - begun:.0f} s", flush=True)
    for worker in workers:
        worker.join()
    return [found[index] for index in range(len(mutants))]


# ---- The report ----


def read_reasons():
    reasons = {}
    if os.path.exists(SURVIVORS):
        with open(SURVIVORS, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                name, tab, reason = line.partition("\t")
                if not tab or not reason.strip():
                    sys.exit(f"survivors.txt:{number}: a name, a tab and a reason are needed")
                reasons[name] = reason
    return reasons


def print_table(mutants, found):
    columns = CATCHERS + ["equivalent", "survivors"]
    rows = collections.defaultdict(collections.Counter)
    for mutant, catcher in zip(mutants, found):
        for row in (mutant.kind, "all"):
            rows[row][catcher or "survivors"] += 1
            rows[row]["mutants"] += 1
    print()
    print("element".ljust(14) + "".join(column.rjust(11) for column in ["mutants"] + columns))
    for row in [row for row in rows if row != "all"] + ["all"]:
        print(row.ljust(14) + "".join((str(rows[row][column] or "")).rjust(11) for column in ["mutants"] + columns))


def report(text, mutants, found, reasons, names):
    print_table(mutants, found)
    mistakes = []
    equivalents = [mutant.name for mutant, catcher in zip(mutants, found) if catcher == "equivalent"]
    if equivalents:
        print("\nEquivalent: the C header and the JSON are the same but for texts. Nobody need notice these.")
        for name in equivalents:
            print(f"  {name}")
    survivors = [mutant for mutant, catcher in zip(mutants, found) if not catcher]
    same = {mutant.name for mutant, catcher in zip(mutants, found) if catcher is None}
    if survivors:
        print("\nSurvivors, (=) those whose C header is the same:")
    for mutant in survivors:
        print(f"  {mutant.name} (line {mutant.line}){' (=)' if mutant.name in same else ''}")
        for line in mutant.difference(text):
            print(f"    {line}")
        print(f"    {reasons.get(mutant.name, 'NO REASON IS GIVEN')}")
        if mutant.name not in reasons:
            mistakes.append(f"nobody notices {mutant.name}, and survivors.txt gives no reason")
    surviving = {mutant.name for mutant in survivors}
    asked = {mutant.name for mutant in mutants}
    for name in reasons:
        if name not in names:
            mistakes.append(f"survivors.txt speaks of {name}, and there is no such mutant")
        elif name in asked and name not in surviving:
            mistakes.append(f"survivors.txt speaks of {name}, which survives no more")
    print()
    for mistake in mistakes:
        print(mistake)
    caught = sum(catcher in CATCHERS for catcher in found)
    print(
        f"{len(mutants)} mutants: {caught} noticed, {len(equivalents)} equivalent,"
        f" {len(survivors)} survivors, {len(mistakes)} of all this not as it should be")
    return 1 if mistakes else 0


def main():
    parser = argparse.ArgumentParser(description="Flips each rule of the data, and sees whether somebody notices.")
    parser.add_argument("--only", metavar="PATTERN", help="a regular expression: only mutants whose name it is found in")
    parser.add_argument("--list", action="store_true", help="list the mutants, ask nobody")
    parser.add_argument("--p11gen", default=os.path.join(ROOT, ".build", "release", "p11gen"), help="the generator")
    parser.add_argument("--spec", default=os.path.join(ROOT, "spec"), help="the folder of the data")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    arguments = parser.parse_args()
    arguments.p11gen = os.path.abspath(arguments.p11gen)
    arguments.spec = os.path.abspath(arguments.spec)
    with open(os.path.join(arguments.spec, "cryptoki.xml"), encoding="utf-8", newline="") as file:
        text = file.read()
    everything = Mutations(text).all()
    mutants = [mutant for mutant in everything if not arguments.only or re.search(arguments.only, mutant.name)]
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.line}\t{mutant.name}")
        return 0
    if not mutants:
        sys.exit("there is no such mutant")
    reasons = read_reasons()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshops = [Workshop(arguments.p11gen, arguments.spec, folder) for _ in range(arguments.jobs)]
        catcher = workshops[0].catcher(None)
        if catcher:
            sys.exit(f"the data itself is not as {catcher} has it: mend that first")
        original = workshops[0].meaning()
        print(f"{len(mutants)} mutants, {arguments.jobs} at a time", flush=True)
        found = ask_all(workshops, text, original, mutants)
    return report(text, mutants, found, reasons, {mutant.name for mutant in everything})


if __name__ == "__main__":
    sys.exit(main())
