"""The parts of the benchmark. Each module measures one subject and yields the rows of its table."""
