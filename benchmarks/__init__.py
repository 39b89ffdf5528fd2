"""Benchmarks: each figure beside a baseline of the same run, so that it means something on a noisy machine."""
