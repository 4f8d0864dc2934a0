"""The examples in the docstrings are true."""

import doctest

import pytest

from chengxin.board import token
from chengxin.config import addresses
from chengxin.credit.records import catalogue, publicity
from chengxin.terms import (
    division,
    entity,
    finding,
    industry,
    name,
    period,
    point,
    privacy,
    sound,
    unseen,
    uscc,
    workdays,
)


@pytest.mark.parametrize(
    "module",
    [
        division,
        entity,
        finding,
        industry,
        name,
        period,
        point,
        privacy,
        sound,
        unseen,
        uscc,
        workdays,
        token,
        addresses,
        catalogue,
        publicity,
    ],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_the_examples_hold(module):
    tried = doctest.testmod(module)

    assert tried.attempted
    assert not tried.failed
