"""Benchmarks: ratios within one run, on a real loopback endpoint. `make bench`."""
