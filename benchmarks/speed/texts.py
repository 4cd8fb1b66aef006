"""How much of a batch of texts is text and not padding."""

import torch

from datamodules.loader import RowBatches, load
from datamodules.text import TextDataModule

BATCH = 64


def share_of_real_tokens() -> list[str]:
    """Return a Markdown table: our batches beside batches in random order."""
    lines = ["| texts | batches | real tokens |", "|---|---|---|"]
    for sample in ("reviews", "birds", "films"):
        data = TextDataModule(f"sample:{sample}", batch_size=BATCH)
        loader = data.train_dataloader()
        assert data.store is not None
        assert data.split is not None
        random = RowBatches(torch.from_numpy(data.split.train), BATCH, shuffle=True)
        for name, batches in (("of similar length", loader), ("random", load(data.store, random))):
            tokens = [batch["inputs"] for batch in batches]
            share = sum(int((t != 0).sum()) for t in tokens) / sum(t.numel() for t in tokens)
            lines.append(f"| sample:{sample} | {name} | {share:.3f} |")
    return lines
