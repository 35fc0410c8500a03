"""Parsed documents are cached, and the cache is bounded."""

from __future__ import annotations

from api.graphql.cost.limits import Limits
from tests.api.graphql.edge import Edge

# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_is_examined_once(edge: Edge) -> None:
    first = edge.schema.documents.read("{ hello }")

    assert edge.schema.documents.read("{ hello }") is first


def test_a_document_that_does_not_fit_the_schema_is_not_kept(edge: Edge) -> None:
    assert edge.schema.documents.read("{ nothing }").errors

    assert edge.schema.documents.kept_bytes == 0


def test_the_documents_that_were_asked_for_longest_ago_are_forgotten() -> None:
    weight = Edge().schema.documents.read("{ hello }").bytes
    documents = Edge(Limits(kept_bytes=3 * weight + 10)).schema.documents
    first, second, third = (documents.read(f"{{ hello }}{blanks}") for blanks in ("", " ", "\t"))
    documents.read("{ hello }")

    documents.read("{ hello }\n")

    assert documents.read("{ hello }") is first
    assert documents.read("{ hello }\t") is third
    assert documents.read("{ hello } ") is not second


def test_a_large_document_is_examined_every_time_and_pushes_no_other_out() -> None:
    documents = Edge(Limits(kept_document=10_000)).schema.documents
    small = documents.read("{ hello }")
    large = "{ hello } #" + "x" * 10_000

    assert documents.read(large) is not documents.read(large)
    assert documents.read("{ hello }") is small


def test_the_memory_of_kept_documents_is_bounded_whatever_their_text() -> None:
    documents = Edge(Limits(kept_bytes=1_000_000)).schema.documents

    for number in range(100):
        documents.read(f"{{ hello }} # \U0001f600 {number} {'x' * 10_000}")

    assert 500_000 < documents.kept_bytes <= 1_000_000
    assert len(documents._kept) < 20


def test_a_schema_keeps_to_itself_what_fits_it() -> None:
    open_, closed = Edge(), Edge(introspection=False)

    assert open_.schema.documents.read("{ __schema { __typename } }").errors == ()
    assert closed.schema.documents.read("{ __schema { __typename } }").errors != ()
