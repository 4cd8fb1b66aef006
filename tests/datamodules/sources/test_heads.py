"""What the heads of images tell together."""

from datamodules.sources.heads import Heads

MIXED = Heads.of([(10, 20, True), (30, 12, True), (40, 50, False)])


def test_sizes_and_colours_are_summed_up():
    assert Heads(count=3, sizes=3, height=10, width=20, side=12.0, grey=False) == MIXED
    assert MIXED.channels == 3
    assert Heads.of([(4, 6, True)] * 2) == Heads(2, 1, 4, 6, 4.0, grey=True)


def test_the_size_is_the_users_or_that_of_all_or_the_median_side_with_a_note():
    assert MIXED.target_size("data", 9) == (9, 9, [])
    assert MIXED.target_size("data", (8, 9)) == (8, 9, [])
    assert Heads.of([(4, 6, True)] * 2).target_size("data", None) == (4, 6, [])
    height, width, notes = MIXED.target_size("data", None)
    assert (height, width) == (12, 12)
    assert notes[0].startswith("The 3 images in 'data' have 3 sizes: ")
    assert Heads.of([(300, 400, True), (500, 600, True)]).target_size("d", None)[:2] == (128, 128)
