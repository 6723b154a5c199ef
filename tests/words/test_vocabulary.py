"""Words in three languages and many spellings, and what is said of those that are not known."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise.encoders import embedded
from strokewise.errors import SettingsError
from strokewise.words.vocabulary import find_word, known_words, read_table, vocabulary, word_key

LABELS = ("cat", "flamingo", "flamingo_head", "dalmatian", "dog", "bass", "electric_guitar", "leopards", "sphinx")


@pytest.mark.parametrize(
    "text",
    ["cat", "Cat", " CAT ", "a cat", "the cat", "cats", "kitten", "a kitten", "a sketch of a cat", "cat.", "貓", "猫"]
    + ["ねこ", "ネコ", "ﾈｺ", "一隻貓", "house-cat"],
)
def test_many_spellings_are_one_word(text):
    assert find_word(text, LABELS) == ("cat", (0,))


def test_a_word_stands_for_all_its_classes_and_a_class_for_itself():
    assert find_word("flamingo", LABELS) == ("flamingo", (1, 2))
    assert find_word("dog", LABELS) == ("dog", (3, 4))
    assert find_word("a dalmatian", LABELS) == ("dog", (3,))
    assert find_word("leopard", LABELS) == ("leopard", (7,))
    assert find_word("sphinx", LABELS) == ("sphinx", (8,))  # of another network, in no table


@pytest.mark.parametrize("text, singular", [("wolves", "wolf"), ("butterflies", "butterfly"), ("foxes", "fox")])
def test_plurals(text, singular):
    assert find_word(text, (singular,)) == (singular, (0,))


def test_a_word_that_means_two_things_is_a_choice():
    with pytest.raises(SettingsError, match=r"^text 'bass' can mean a fish \('fish'\) or an instrument \('guitar'\)"):
        find_word("bass", LABELS)
    with pytest.raises(SettingsError, match=r"'a bat' can mean .*knows none of them; .*models fetch clip-rn101"):
        find_word("a bat", LABELS)


def test_unknown_words_name_near_ones_and_the_way_to_any():
    with pytest.raises(SettingsError, match=r"'flaminga' is none of .*did you mean 'flamingo'.*models words.*clip"):
        find_word("flaminga", LABELS)
    with pytest.raises(SettingsError, match=r"'an angry cat' is none of .*did you mean 'cat'\?"):
        find_word("an angry cat", LABELS)
    with pytest.raises(SettingsError, match=r"^not_text '🐱' is none of .*knows: strokewise models words"):
        find_word("🐱", LABELS, "not_text")


@given(st.text(max_size=300))
def test_any_text_is_a_word_or_one_line(text):
    try:
        word, classes = find_word(text, LABELS)
    except SettingsError as error:
        assert len(str(error)) < 500 and "\n" not in str(error)
    else:
        assert word and classes


def test_every_class_of_the_package_has_a_word_and_is_found_by_it():
    labels = embedded.load().labels
    known = known_words(labels)
    assert {place for classes in known.values() for place in classes} == set(range(len(labels)))
    assert set(known) <= set(vocabulary().entries)
    for word, classes in known.items():
        assert find_word(word, labels) == (word, classes)


def test_every_word_has_a_name_in_all_languages_and_no_name_is_lost():
    table = vocabulary()
    ascii_only = set(map(chr, range(128)))
    for entry in table.entries.values():
        for language, others in entry.others.items():
            assert language == "en" or (others and not any(set(one) <= ascii_only for one in others)), entry
            # A name may be that of another word too, which comes first; then the word has others.
            mine = [one for one in others if table.names[word_key(one)] == entry.word]
            assert language == "en" or mine, (entry.word, language)


def test_every_meaning_names_a_word():
    table = vocabulary()
    for word, meanings in table.meanings.items():
        assert len(meanings) > 1 and word == word_key(word)
        assert all(named in table.entries for _, named in meanings if named)


@pytest.mark.parametrize("line", ["cat|a|b", "cat", "? bat", "cat||a|b|c", "cat||a|b|c|d|e"])
def test_a_table_of_another_form_is_refused(line):
    with pytest.raises(ValueError):
        read_table(line)


def test_a_table_is_plain():
    table = read_table("# comment\n\ncat|felis|kitty, puss|貓|猫|ねこ\n? bass|a fish = cat, a voice\n")
    assert dataclasses.asdict(table.entries["cat"])["others"]["en"] == ("kitty", "puss")
    assert table.meanings == {"bass": (("a fish", "cat"), ("a voice", ""))}
