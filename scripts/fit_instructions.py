#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the instruction counts of sw/trace/instruction_costs.h to the compiled program.

A recipe, not needed to use Systole (python3-scipy):
    SYSTOLE_TRACE_FIT=fit.txt build/test_trace --gtest_filter='Instructions.*'
    scripts/fit_instructions.py fit.txt sw/trace/instruction_costs.h
Least squares of the relative errors with counts that are not negative; prints the fitted counts of
each loop, float32 and bytes, beside those in the header.
"""
import re
import sys

import numpy
from scipy.optimize import nnls

# Columns of a line: type, method, operator, number, instructions left, stack, tiles, turns...
TYPE, LEFT, TURNS = 0, 4, 7


def fit(rows):
    turns = numpy.array([[float(x) for x in row[TURNS:]] for row in rows])
    weights = 1.0 / numpy.array([float(row[LEFT]) for row in rows])
    used = [i for i in range(turns.shape[1]) if turns[:, i].any()]
    costs, _ = nnls(turns[:, used] * weights[:, None], numpy.ones(len(rows)))
    return dict(zip(used, costs))


def main():
    lines = [line.split() for line in open(sys.argv[1])]
    header = open(sys.argv[2]).read()
    names = re.findall(r"\{(\d+), (\d+)\},\s*// (\w+)", header)
    real = fit([row for row in lines if row[TYPE] == "float32"])
    byte = fit([row for row in lines if row[TYPE] != "float32"])
    print(f"{'loop':20} {'float32':>8} {'used':>5} {'bytes':>8} {'used':>5}")
    for i, (float_cost, byte_cost, name) in enumerate(names):
        fitted = [f"{c[i]:8.2f}" if i in c else " " * 8 for c in (real, byte)]
        print(f"{name:20} {fitted[0]} {float_cost:>5} {fitted[1]} {byte_cost:>5}")


if __name__ == "__main__":
    main()
