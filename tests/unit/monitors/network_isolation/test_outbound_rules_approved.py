"""network_isolation.outbound_rules_approved."""

import pytest
from pydantic import ValidationError

from monitors.network_isolation.outbound_rules_approved import MONITOR, RuleParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    ABSENT,
    ACCOUNT_ID,
    FORBIDDEN,
    GROUP,
    account,
    changed,
    hub,
    judge,
    project,
    read_with,
    resource,
    workspace,
)

RULES = "properties.managedNetwork.outboundRules"
ELSEWHERE = "/subscriptions/ffffffff-0000-0000-0000-000000000000/resourceGroups/g"
STORAGE = "providers/Microsoft.Storage/storageAccounts/data"
APPROVED = RuleParameters(
    allowed_fqdns=("github.com", "*.contoso.com"), allowed_service_tags=("AzureActiveDirectory",)
)
FOUNDRY = account(kind="AIServices")


def fqdn(destination: object = "evil.example", **more: object) -> dict[str, object]:
    """Return a rule that a user made for a host."""
    rule = {"type": "FQDN", "category": "UserDefined", "status": "Active"}
    return {**rule, "destination": destination, **more}


def service_tag(tag: object = "Storage", **destination: object) -> dict[str, object]:
    """Return a rule that a user made for a service tag."""
    stated = {"serviceTag": tag, "protocol": "TCP", "portRanges": "443", **destination}
    return fqdn(stated, type="ServiceTag")


def private_endpoint(target: object) -> dict[str, object]:
    """Return a rule that a user made for a private endpoint."""
    stated = {"serviceResourceId": target, "subresourceTarget": "blob"}
    return fqdn(stated, type="PrivateEndpoint")


def network(**rules: object) -> Resource:
    """Return the managed network of the account with these rules."""
    return resource(
        f"{ACCOUNT_ID}/managedNetworks/default",
        properties={
            "managedNetwork": {
                "isolationMode": "AllowOnlyApprovedOutbound",
                "outboundRules": rules,
            }
        },
    )


def embedded(**rules: object) -> dict[str, object]:
    """Return the managed network of a workspace with these rules."""
    return {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": rules}


def of_account(rule: object, parameters: RuleParameters = APPROVED) -> Judgement:
    """Judge an account whose managed network has this rule."""
    return judge(MONITOR, FOUNDRY, network(rule=rule), parameters=parameters)


# --- hosts ---


@pytest.mark.parametrize("host", ["github.com", "GitHub.COM.", "a.contoso.com", "*.contoso.com"])
def test_a_rule_for_an_approved_host_passes(host: str) -> None:
    """Literally, or below an approved wildcard; in any case."""
    assert of_account(fqdn(host)) == Judgement(
        Verdict.PASS,
        "All outbound rules of users are approved: rule.",
        (Evidence(Source.MANAGED_NETWORKS, RULES, "approved destinations", ["rule"]),),
    )


@pytest.mark.parametrize(
    ("destination", "shown"),
    [
        ("evil.example", "rule to evil.example"),
        ("files.github.com", "rule to files.github.com"),
        ("contoso.com", "rule to contoso.com"),
        ("*.a.contoso.com", "rule to *.a.contoso.com"),
        ("*.github.com", "rule to *.github.com"),
        ("*", "rule to *"),
        ("https://github.com", "rule to https://github.com"),
        ("", "rule to no host"),
        (None, "rule to no host"),
        (
            ["github.com"],
            "rule to no host (destination is a list, not text, and counts as absent)",
        ),
    ],
)
def test_a_rule_for_another_host_fails(destination: object, shown: str) -> None:
    """A wildcard needs the same wildcard in the list, a plain entry approves one host."""
    assert of_account(fqdn(destination)) == Judgement(
        Verdict.FAIL,
        f"1 outbound rule leads where nobody approved it: {shown}.",
        (
            Evidence(
                Source.MANAGED_NETWORKS,
                f"{RULES}.rule.destination",
                "an approved host",
                destination,
            ),
        ),
    )


def test_nothing_is_approved_by_default() -> None:
    """Both lists are empty."""
    assert of_account(fqdn("github.com"), RuleParameters()).verdict is Verdict.FAIL
    assert of_account(service_tag(), RuleParameters()).verdict is Verdict.FAIL


# --- service tags ---


@pytest.mark.parametrize("tag", ["AzureActiveDirectory", "azureactivedirectory"])
def test_a_rule_for_an_approved_service_tag_passes(tag: str) -> None:
    """In any case; its ports do not matter."""
    assert of_account(service_tag(tag)).verdict is Verdict.PASS
    assert of_account(service_tag(tag, addressPrefixes=[])).verdict is Verdict.PASS
    assert of_account(service_tag(tag, action="Allow")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("rule", "shown", "path", "observed"),
    [
        (service_tag("Storage"), "rule to Storage", "serviceTag", "Storage"),
        (
            service_tag("AzureActiveDirectory.WestEurope"),
            "rule to AzureActiveDirectory.WestEurope",
            "serviceTag",
            "AzureActiveDirectory.WestEurope",
        ),
        (service_tag(None), "rule to no service tag", "serviceTag", None),
        (
            service_tag("AzureActiveDirectory", addressPrefixes=["0.0.0.0/0"]),
            "rule to address prefixes",
            "addressPrefixes",
            ["0.0.0.0/0"],
        ),
        (
            service_tag("AzureActiveDirectory", addressPrefixes="0.0.0.0/0"),
            "rule to address prefixes",
            "addressPrefixes",
            "0.0.0.0/0",
        ),
    ],
)
def test_a_rule_for_another_service_tag_or_for_addresses_fails(
    rule: object, shown: str, path: str, observed: object
) -> None:
    """With address prefixes Azure ignores the tag, so the tag approves nothing."""
    judgement = of_account(rule)

    assert judgement.message == f"1 outbound rule leads where nobody approved it: {shown}."
    assert [(each.path, each.observed) for each in judgement.evidence] == [
        (f"{RULES}.rule.destination.{path}", observed)
    ]


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("Deny", Verdict.PASS),
        ("deny", Verdict.PASS),
        ("Allow", Verdict.FAIL),
        (None, Verdict.FAIL),
        (5, Verdict.FAIL),
        ("Other", Verdict.FAIL),
    ],
)
def test_a_rule_that_denies_lets_nothing_out(action: object, verdict: Verdict) -> None:
    """Absent and unknown actions count as Allow."""
    assert of_account(service_tag(action=action)).verdict is verdict
    prefixes = service_tag(action=action, addressPrefixes=["0.0.0.0/0"])
    assert of_account(prefixes).verdict is verdict


# --- private endpoints and the rest ---


def test_a_private_endpoint_must_lead_to_a_monitored_subscription() -> None:
    """Somebody else's resource is where data can be carried to."""
    own = of_account(private_endpoint(f"{GROUP}/{STORAGE}"))
    foreign = of_account(private_endpoint(f"{ELSEWHERE}/{STORAGE}"))
    watching_both = judge(
        MONITOR,
        FOUNDRY,
        network(rule=private_endpoint(f"{ELSEWHERE}/{STORAGE}".upper())),
        watched=("ffffffff-0000-0000-0000-000000000000",),
    )

    assert own.verdict is Verdict.PASS
    assert watching_both.verdict is Verdict.PASS
    assert foreign.verdict is Verdict.FAIL
    assert foreign.message == (
        "1 outbound rule leads where nobody approved it: "
        "rule to a resource of a subscription that is not monitored."
    )


@pytest.mark.parametrize("target", [None, 5, "", "data", "/subscriptions//x"])
def test_a_private_endpoint_of_nothing_that_can_be_told_fails(target: object) -> None:
    """Absent, wrong-typed and malformed ids."""
    judgement = of_account(private_endpoint(target))

    assert judgement.verdict is Verdict.FAIL
    assert "rule to no resource that can be told" in judgement.message


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (fqdn(type="Tunnel"), "rule of Tunnel, a type that is not known"),
        (fqdn(type=None), "rule of no type"),
        ({}, "rule of no type"),
        ("github.com", "rule of no type"),
    ],
)
def test_a_rule_of_no_known_type_fails(rule: object, shown: str) -> None:
    """What it lets out nobody knows."""
    judgement = of_account(rule)

    assert judgement.message == f"1 outbound rule leads where nobody approved it: {shown}."
    assert judgement.evidence[0].path == f"{RULES}.rule.type"


@pytest.mark.parametrize(
    "rule",
    [
        fqdn(category="Required"),
        fqdn(category="recommended"),
        fqdn(category="DEPENDENCY"),
        fqdn(status="Inactive"),
        fqdn(status="Deleting"),
        fqdn(status="failed"),
    ],
)
def test_rules_of_azure_and_rules_without_effect_are_not_judged(rule: object) -> None:
    """Azure adds what the service itself needs."""
    assert of_account(rule) == Judgement(Verdict.PASS, "No outbound rule of a user is in effect.")


@pytest.mark.parametrize("change", [{"category": None}, {"category": "New"}, {"status": None}])
def test_a_rule_that_could_be_of_a_user_is_judged(change: dict[str, object]) -> None:
    """A category or status that is absent or not known counts as UserDefined and Active."""
    assert of_account(fqdn(**change)).verdict is Verdict.FAIL


def test_many_are_named_in_part_and_in_one_order() -> None:
    """The message does not grow with the rules, and their order does not matter."""
    rules = {f"rule{number}": fqdn(f"{number}.example") for number in range(7)}
    turned = dict(reversed(rules.items()))
    judgement = judge(MONITOR, FOUNDRY, network(**rules))

    assert judgement.message == (
        "7 outbound rules lead where nobody approved it: rule0 to 0.example, rule1 to 1.example, "
        "rule2 to 2.example, rule3 to 3.example, rule4 to 4.example and 2 more."
    )
    assert len(judgement.evidence) == 5
    assert judge(MONITOR, FOUNDRY, network(**turned)) == judgement


# --- whose rules ---


@pytest.mark.parametrize("rules", [None, {}])
def test_a_managed_network_without_rules_passes(rules: object) -> None:
    """Nothing is let out."""
    bare = resource(
        f"{ACCOUNT_ID}/managedNetworks/default",
        properties={"managedNetwork": {"outboundRules": rules}},
    )

    assert judge(MONITOR, FOUNDRY, bare).verdict is Verdict.PASS
    assert judge(MONITOR, workspace(managedNetwork={"outboundRules": rules})).verdict is (
        Verdict.PASS
    )


def test_without_a_managed_network_there_are_no_rules() -> None:
    """Whether one is needed is another control."""
    nothing = Judgement(Verdict.PASS, "No outbound rule of a user is in effect.")

    assert judge(MONITOR, FOUNDRY) == nothing
    assert judge(MONITOR, workspace()) == nothing


def test_unknown_when_the_answer_shows_no_properties() -> None:
    """What is not shown may be there."""
    bare = changed(workspace(), "properties", ABSENT)
    bare_network = changed(network(), "properties", ABSENT)

    for judgement in (judge(MONITOR, bare), judge(MONITOR, FOUNDRY, bare_network)):
        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)


def test_rules_of_the_wrong_type_count_as_absent() -> None:
    """The message says so."""
    judgement = judge(MONITOR, workspace(managedNetwork={"outboundRules": [fqdn()]}))

    assert judgement == Judgement(
        Verdict.PASS,
        "No outbound rule of a user is in effect (outboundRules is a list, not an object, and "
        "counts as absent).",
    )


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_an_account_is_unknown_while_its_managed_network_is(problem: Problem, cause: Cause) -> None:
    """A bad rule that was read fails all the same."""
    problems = {Source.MANAGED_NETWORKS: problem}

    assert judge(MONITOR, FOUNDRY, problems=problems) == Judgement(
        Verdict.UNKNOWN, f"outbound rules cannot be read: {problem.detail}", cause=cause
    )
    failing = judge(MONITOR, FOUNDRY, network(rule=fqdn()), problems=problems)
    assert failing.verdict is Verdict.FAIL


def test_a_workspace_has_its_rules_in_its_own_body() -> None:
    """They are judged alike."""
    good = judge(
        MONITOR, workspace(managedNetwork=embedded(rule=fqdn("github.com"))), parameters=APPROVED
    )
    bad = judge(MONITOR, workspace(managedNetwork=embedded(rule=fqdn())))

    assert good.verdict is Verdict.PASS
    assert bad.verdict is Verdict.FAIL
    assert bad.evidence[0].source == Source.WORKSPACE


def test_a_workspace_whose_rules_could_not_be_listed_is_unknown() -> None:
    """Its own body shows some of them or none; one too many fails all the same."""
    problems = {Source.WORKSPACE: FORBIDDEN}
    unread = judge(MONITOR, workspace(managedNetwork=embedded()), problems=problems)
    failing = judge(MONITOR, workspace(managedNetwork=embedded(rule=fqdn())), problems=problems)

    assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert failing.verdict is Verdict.FAIL


def test_a_project_is_judged_by_its_hub() -> None:
    """What it shows itself means nothing; a hub that cannot be read leaves it open."""
    failing = judge(MONITOR, project(), hub(managedNetwork=embedded(rule=fqdn())))
    passing = judge(MONITOR, project(managedNetwork=embedded(rule=fqdn())), hub())
    unread = judge(MONITOR, project(), problems={Source.HUB: FORBIDDEN})
    missing = judge(MONITOR, project(), problems={Source.HUB: NOT_IN_INPUT})
    outdated = judge(MONITOR, project(), read_with("2023-04-01", hub()))

    assert failing.verdict is Verdict.FAIL
    assert failing.evidence[0].source == Source.HUB
    assert passing.verdict is Verdict.PASS
    assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert (missing.verdict, missing.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert (outdated.verdict, outdated.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)


# --- parameters ---


@pytest.mark.parametrize(
    "wrong",
    [
        {"allowed_fqdns": ["*"]},
        {"allowed_fqdns": ["https://github.com"]},
        {"allowed_service_tags": [""]},
    ],
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """A list that approves everything, or nothing that there is."""
    with pytest.raises(ValidationError):
        RuleParameters.model_validate(wrong)


def test_applies_to_ai_accounts_and_workspaces() -> None:
    """The managed networks of accounts are read with an API that has them."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    )
    assert MONITOR.needs == (Source.MANAGED_NETWORKS, Source.HUB)
    assert MONITOR.since == {ResourceType.WORKSPACE: "2023-10-01"}
