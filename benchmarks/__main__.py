"""``python -m benchmarks NAME``: measure one claim and print its table."""

import importlib
import sys

BENCHMARKS = {
    "speed": "training beside a raw PyTorch loop and plain Lightning (some 6 minutes)",
    "startup": "time to the first training step beside plain Lightning (some 3 minutes)",
    "configs": "every config over three seeds beside a baseline; writes configs/README.md",
    "init": "`fulgurite init` on files of real data beside baselines; writes docs/init.md",
    "killed-rank": "one of two processes is killed, 20 times (some 6 minutes; Linux)",
    "noisy-labels": "flipped labels are looked for, by us and by cleanlab (some 8 minutes)",
    "split": "time and memory of dividing a million rows (some 2 minutes)",
    "check": "leaks, identifiers, time travel, cut groups and copies are planted (some 2 minutes)",
    "near-duplicates": "altered copies of training rows are looked for among test rows, [SET ...]",
    "large-table": "memory and time of ten million rows, [--rows N] (some 6 minutes; Linux)",
    "image-cache": "decoding images beside a map of decoded ones (some 2 minutes)",
    "recipes": "mixing, averages, samplers and views beside the plain config (some 5 minutes)",
    "fine-tuning": "ways to fine-tune beside the peers' loops, [SET ...] (an hour)",
    "picture": "the README's picture, docs/digits.png",
}


def main(words: list[str]) -> None:
    """Run the benchmark that is named; further words are its own."""
    if not words or words[0] not in BENCHMARKS:
        print("usage: python -m benchmarks NAME [--quick] [--times N]\n")
        for name, purpose in BENCHMARKS.items():
            print(f"  {name:12} {purpose}")
        raise SystemExit(0 if not words or words[0] in ("-h", "--help") else 2)
    importlib.import_module(f"benchmarks.{words[0].replace('-', '_')}").run(words[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
