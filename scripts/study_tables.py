#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the tables of docs/study.md and README.md in Markdown.

usage: study_tables.py build/systole
"""
import csv
import pathlib
import subprocess
import sys
import tempfile

NETWORKS = {
    "mobilenet-v1": "MobileNet-V1",
    "mobilenet-v2": "MobileNet-V2",
    "mnasnet-b1": "MnasNet-B1",
    "mobilenet-v3-small": "MobileNet-V3-Small",
    "mobilenet-v3-large": "MobileNet-V3-Large",
}
MACHINES = ("os-basic", "os", "os+stos")
SIZES = (8, 16, 32, 64, 128, 256)
KINDS = ("convolution", "pointwise", "depthwise", "1-D depthwise", "linear")


def run_study(program, size):
    """Rows of the study's CSV on a square array, by network, variant and machine."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "study.csv"
        options = ["--rows", str(size), "--cols", str(size), "--csv", str(file)]
        command = [program, "study", "fuseconv"] + options
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with file.open() as lines:
            rows = csv.DictReader(lines)
            return {(row["network"], row["variant"], row["machine"]): row for row in rows}


def cycles(rows, network, variant, machine):
    return int(rows[network, variant, machine]["cycles"])


def speedup(rows, network, variant, machine):
    """Of the variant on os+stos over the baseline on `machine`."""
    base = cycles(rows, network, "baseline", machine)
    return base / cycles(rows, network, variant, "os+stos")


def table(head, lines):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    print()


def core_cycles(rows, network):
    of_baseline = [cycles(rows, network, "baseline", machine) for machine in MACHINES]
    variants = ("full", "half", "full50", "half50")
    of_variants = [cycles(rows, network, variant, "os+stos") for variant in variants]
    return [f"{count:,}" for count in of_baseline + of_variants]


def speedups(rows, network):
    cells = []
    for variant in ("full", "half"):
        printed = [int(rows[network, v, "os"]["printed_cycles"]) for v in ("baseline", variant)]
        cells.append(f"{printed[0] / printed[1]:.2f}")
        cells += [f"{speedup(rows, network, variant, machine):.2f}" for machine in MACHINES]
    return cells


def shares(rows, network, variant, machine):
    row = rows[network, variant, machine]
    cells = [f"{100 * float(row['utilization']):.1f} %", f"{float(row['distance']):.2f}"]
    for kind in KINDS:
        cells.append(f"{100 * int(row[kind + '_cycles']) / int(row['cycles']):.1f} %")
    return cells


def main():
    program = sys.argv[1]
    by_size = {size: run_study(program, size) for size in SIZES}
    rows = by_size[64]
    names = NETWORKS.items()
    table(
        ["network", "baseline, os, published mapping", "baseline, os", "baseline, os+stos",
         "Full, os+stos", "Half, os+stos", "50 % Full", "50 % Half"],
        [[name] + core_cycles(rows, key) for key, name in names])
    table(
        ["network", "Full: printed", "core / published mapping", "/ best os", "/ best os+stos",
         "Half: printed", "core / published mapping", "/ best os", "/ best os+stos"],
        [[name] + speedups(rows, key) for key, name in names])
    shown = [("baseline", machine) for machine in MACHINES] + [("half", "os+stos")]
    table(
        ["network", "variant", "machine", "utilization", "x limit"] + list(KINDS),
        [[name, variant, machine] + shares(rows, key, variant, machine)
         for key, name in names for variant, machine in shown])
    table(
        ["network"] + [str(size) for size in SIZES],
        [[name] + [" / ".join(f"{speedup(by_size[size], key, 'half', machine):.2f}"
                              for machine in MACHINES) for size in SIZES]
         for key, name in names])


main()
