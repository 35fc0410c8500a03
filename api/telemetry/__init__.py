"""The log, the metrics of `/metrics`, and the security log."""
