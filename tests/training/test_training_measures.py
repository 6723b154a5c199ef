import pytest
import torch

from training.measures import Probe, accuracy, retrieval, wilson


@pytest.mark.parametrize("hits, count, low, high", [(10, 20, 0.299, 0.701), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)])
def test_wilson_against_the_book(hits, count, low, high):
    assert wilson(hits, count) == pytest.approx((low, high), abs=1e-3)


def test_accuracy_counts():
    found = accuracy(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 1, 2]))
    assert (found["hits"], found["count"], found["share"]) == (3, 4, 0.75)


def test_retrieval_ranks_by_cosine():
    photos = torch.eye(20)
    perfect = retrieval(photos * 7, photos)
    assert perfect["recall@1"]["share"] == 1 and perfect["median_rank"] == 1
    blind = retrieval(torch.ones(20, 20), photos)  # all photos are as near as the right one
    assert blind["recall@10"]["share"] == 0 and blind["median_rank"] == 20


def test_a_probe_learns_what_is_linear():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(120) % 3
    x = torch.randn(120, 8, generator=generator) + 3 * torch.eye(8)[labels]
    probe = Probe(x, labels, torch.arange(120) // 2, 3)
    assert accuracy(probe(x), labels)["share"] > 0.9
