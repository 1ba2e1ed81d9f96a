"""Whether a passage supports a statement: its numbers, names, negations and bounds, its words and its meaning.

`source_text.prepare` makes passages ready, `support.support` judges; `chatter` tells what states nothing.
"""
