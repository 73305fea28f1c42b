"""Models that are bought in the Azure Marketplace."""

import pytest

from shared.domain.marketplace_offer import is_partner, why_without_offer


@pytest.mark.parametrize(
    ("publisher", "name"),
    [
        ("OpenAI", "gpt-4o"),
        ("openai", "model-router"),
        ("Microsoft", "Phi-4"),
        ("MAI", "MAI-DS-R1"),
        ("fireworks", "FW-GLM-5"),
        ("Meta", "Llama-3.3-70B-Instruct"),
        ("META", "llama-3.3-70b-instruct"),
        ("Mistral AI", "Mistral-Large-3"),
        ("mistral-ai", "Mistral-Large-3"),
        ("OpenAI-OSS", "gpt-oss-120b"),
        ("xAI", "grok-4"),
    ],
)
def test_nobody_buys_these_in_the_marketplace(publisher: str, name: str) -> None:
    """Azure sells them itself, or Microsoft publishes them; there is a reason to show."""
    assert why_without_offer(publisher, name)


@pytest.mark.parametrize(
    ("publisher", "name"),
    [
        ("Anthropic", "claude-opus-4-8"),
        ("Meta", "Llama-4-Scout-17B-16E-Instruct"),
        ("Mistral AI", "Codestral-2501"),
        ("Cohere", "Llama-3.3-70B-Instruct"),
        ("xAI", "grok-9"),
        ("Somebody", "gpt-4o"),
        ("", ""),
        ("", "Phi-4"),
    ],
)
def test_these_are_offers(publisher: str, name: str) -> None:
    """Partners' models, models that are not listed, and what nobody knows."""
    assert why_without_offer(publisher, name) is None


def test_partners_are_known() -> None:
    """In any spelling."""
    assert is_partner("Anthropic")
    assert is_partner("ntt-data")
    assert not is_partner("xAI")
    assert not is_partner("")
