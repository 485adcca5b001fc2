"""A loopback server that speaks the OpenAI chat completions protocol, for tests and benchmarks."""
