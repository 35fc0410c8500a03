"""Keep one request from delaying the others: pauses in long answers, queues of heavy operations, and time limits."""
