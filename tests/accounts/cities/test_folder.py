"""The shipped folder is a city; each kind of mistake is named by file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.cities.folder import CityInvalid, Problem, read_folder


def spoil(folder: Path, file: str, before: str, after: str) -> int:
    """Replace the first ``before``; returns the line on which ``after`` (or what follows it) stands."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{file} has no {before!r}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(CityInvalid) as caught:
        read_folder(folder)
    return caught.value.problems


MISTAKES = [
    pytest.param("fees.toml", "percent = 1.95", "percent = = 1", "", "not TOML", id="syntax"),
    pytest.param(
        "identity.toml", 'state = "CA"', 'state = "California"', "identity.state", "match pattern", id="pattern"
    ),
    pytest.param("identity.toml", 'primary = "#17606f"', 'primary = "#f0c000"', "identity.colors.primary", "4.5:1",
                 id="contrast"),
    pytest.param("identity.toml", "languages = ", "speaks = ", "identity.speaks", "not permitted", id="unknown-key"),
    pytest.param("identity.toml", 'seal = "seal.svg"', 'seal = "gone.svg"', "identity.seal", "no file", id="seal"),
    pytest.param("calendar.toml", '"Juneteenth National Independence Day"', '"June Day"',
                 "calendar.holidays[6].rule", "no holiday 'June Day'", id="holiday"),
    pytest.param("calendar.toml", 'monday = { opens = "07:30", closes = "17:30" }',
                 'monday = { opens = "18:30", closes = "17:30" }', "calendar.office_hours.monday", "closes at",
                 id="hours"),
    pytest.param("chart.toml", 'fund = "520"', 'fund = "525"', "ledger_accounts[520-1000].fund", "no fund '525'",
                 id="unknown-fund"),
    pytest.param("chart.toml", 'bank = "990-1010"', 'bank = "510-1000"', "roles.bank", "not in fund 990",
                 id="role-in-other-fund"),
    pytest.param("chart.toml", 'suspense = "990-2090"', 'suspense = "990-1010"', "roles.suspense",
                 "of kind asset, not liability", id="role-of-other-kind"),
    pytest.param("chart.toml", 'processor_suspense = "990-2095"\n', "", "roles.processor_suspense",
                 "names no ledger account", id="role-not-named"),
    pytest.param("chart.toml", 'processor_suspense = "990-2095"', 'processor_suspense = "100-2200"',
                 "roles.processor_suspense", "not in fund 990", id="processor-suspense-in-other-fund"),
    pytest.param("chart.toml", '520 = "520-1000"\n', "", "roles.claim_on_pooled_cash", "nothing for fund 520",
                 id="fund-without-claim"),
    pytest.param("chart.toml", 'citation = "100-2210"', 'citation = "275-2200"', "roles.customer_credits.citation",
                 "no revenue line of citation accounts", id="credits-of-no-line"),
    pytest.param("chart.toml", 'code = "990-1015"', 'code = "990-1010"', "ledger_accounts[990-1010].code",
                 "given twice", id="code-twice"),
    pytest.param("revenue.toml", 'receivable = "520-1200"', 'receivable = "510-1200"',
                 "revenue_lines.sewer.receivable", "is in fund 510, not in fund 520", id="account-in-other-fund"),
    pytest.param("revenue.toml", 'revenue = "530-4100"', 'revenue = "530-9999"', "revenue_lines.refuse.revenue",
                 "no ledger account '530-9999'", id="unknown-account"),
    pytest.param("revenue.toml", "percent = 90", "percent = 80",
                 "revenue_lines.state-disability-fee.revenue_parts", "100 percent", id="parts"),
    pytest.param("revenue.toml", 'account_kind = "citation"', 'account_kind = "fishing"',
                 "revenue_lines.parking.account_kind", "should be 'utility', 'license' or 'citation'", id="enum"),
    pytest.param("rates/water.toml", "valid_from = 2026-07-01", "valid_from = 2026-06-30",
                 "rates[water-fixed].versions[3].valid_from", "runs until 2026-06-30", id="overlap"),
    pytest.param("rates/water.toml", "valid_from = 2026-07-01", "valid_from = 2026-08-01",
                 "rates[water-fixed].versions[3].valid_from", "leaves a gap", id="gap"),
    pytest.param("rates/water.toml", "valid_to = 2025-05-14", "valid_to = 2005-05-14",
                 "rates[water-fixed].versions[1]", "before it begins", id="ends-first"),
    pytest.param("rates/water.toml", 'authority = "Resolution 2008-112 of Río Claro (fictional)"\n', "",
                 "rates[water-fixed].versions[1].authority", "field required", id="no-authority"),
    pytest.param("rates/sewer.toml", 'revenue_line = "sewer"', 'revenue_line = "sewage"',
                 "rates[sewer-residential].revenue_line", "no revenue line 'sewage'", id="unknown-line"),
    pytest.param("rates/sewer.toml", 'name = { en = "Sewer, commercial", es = "Alcantarillado, comercial" }',
                 'name = { en = "Sewer, commercial" }', "rates[sewer-commercial].name", "no words in 'es'",
                 id="untranslated"),
    pytest.param("rates/refuse.toml", "64 = 50.92", "64 = -50.92",
                 "rates[refuse-carts].versions[1].shape.amounts.64", "greater than or equal to 0", id="negative"),
    pytest.param("rates/storm.toml", "amount = 4.35", "amount = 4.355",
                 "rates[storm-drain].versions[1].shape.amount", "2 decimal places", id="fraction-of-a-cent"),
    pytest.param("rates/storm.toml", 'type = "per_dwelling_unit"', 'type = "per_door"',
                 "rates[storm-drain].versions[1].shape", "does not match any", id="unknown-shape"),
    pytest.param("rates/license.toml", 'rate = "license-retail"', 'rate = "license-shops"',
                 "license_classes[retail].rate", "no rate 'license-shops'", id="unknown-rate"),
    pytest.param("rates/license.toml", 'applies_to = ["business-license"]', 'applies_to = ["dog-license"]',
                 "penalties[license-late].applies_to[1]", "no revenue line 'dog-license'", id="penalty-of-no-line"),
    pytest.param("fees.toml", 'ledger_account = "100-4500"', 'ledger_account = "510-4200"',
                 "service_fees[service-fee-card-web].ledger_account", "not in fund 100", id="fee-in-other-fund"),
    pytest.param("policies.toml", '{ revenue_line = "storm", kind = "service" }',
                 '{ revenue_line = "rain", kind = "service" }', "allocation_policies[1].order[6].revenue_line",
                 "no revenue line 'rain'", id="rank-of-no-line"),
    pytest.param("windows.toml", 'kind = "business_name"', 'kind = "plate"', "lookups.license.proofs[2].kind",
                 "no 'plate'", id="proof"),
    pytest.param("leaks.toml", 'rates = ["water-usage"]', 'rates = ["well-usage"]', "leak_policies[1].rates[1]",
                 "no rate 'well-usage'", id="leak-of-no-rate"),
    pytest.param("leaks.toml", 'rates = ["water-usage"]', 'rates = ["water-fixed"]', "leak_policies[1].rates[1]",
                 "prices no usage", id="leak-of-a-fixed-charge"),
    pytest.param("leaks.toml", 'method = "share_of_cost"', 'method = "at_tier"', "leak_policies[2].rates[1]",
                 "has no tiers in these days", id="leak-at-a-tier-that-is-not"),
    pytest.param("leaks.toml", "share_percent = 50", "share_percent = 150", "leak_policies[2]",
                 "at most 100 percent", id="leak-credit-above-cost"),
    pytest.param("corrections.toml", 'rate = "cut-lock"', 'rate = "cut-rope"', "fee_catalogs[1].fees[3].rate",
                 "no rate 'cut-rope'", id="fee-without-rate"),
    pytest.param("corrections.toml", 'rate = "cut-lock"', 'rate = "water-usage"', "fee_catalogs[1].fees[3].rate",
                 "more than the counter knows", id="fee-of-usage"),
    pytest.param("corrections.toml", 'rate = "cut-lock"', 'rate = "meter-pull"', "fee_catalogs[1]",
                 "twice in the catalog", id="fee-twice"),
    pytest.param("corrections.toml", 'kind = "fee", times = 1', 'kind = "penalty", times = 1', "waiver_policies[1]",
                 "two limits for penalty", id="limit-twice"),
    pytest.param("corrections.toml", "valid_from = 2024-07-01", "valid_from = 2024-08-01",
                 "waiver_policies[2].valid_from", "leaves a gap", id="waiver-gap"),
    pytest.param("corrections.toml", 'calculation = "leak", ', "", "adjustment_policies", "no reason is for leaks",
                 id="no-leak-reason"),
    pytest.param("leaks.toml", "valid_from = 2025-05-15", "valid_from = 2025-06-15", "leak_policies[2].valid_from",
                 "leaves a gap", id="leak-gap"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after", "field", "said"), MISTAKES)
def test_a_mistake_is_named_by_file_line_and_field(
    folder: Path, *, file: str, before: str, after: str, field: str, said: str
) -> None:
    line = spoil(folder, file, before, after)
    found = [problem for problem in problems(folder) if problem.field == field and said in problem.message]
    assert [problem.file for problem in found] == [file], problems(folder)
    if after.strip():
        at_or_above = found[0].line
        assert line - 12 < at_or_above <= line, f"said line {at_or_above}, spoiled line {line}"
    assert str(found[0]).startswith(f"{file}:{found[0].line}: ")


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("rates/sewer.toml", 'revenue_line = "sewer"', 'revenue_line = "sewage"'),
        ("rates/refuse.toml", "64 = 50.92", "64 = -50.92"),
        ("fees.toml", "percent = 1.95", "percent = = 1"),
        ("windows.toml", 'kind = "business_name"', 'kind = "plate"'),
        ("policies.toml", '{ revenue_line = "storm"', '{ revenue_line = "rain"'),
        ("rates/water.toml", "valid_from = 2026-07-01", "valid_from = 2026-08-01"),
    ],
)
def test_the_line_is_the_very_line(folder: Path, file: str, before: str, after: str) -> None:
    line = spoil(folder, file, before, after)
    assert [(problem.file, problem.line) for problem in problems(folder)] == [(file, line)]


def test_a_missing_key_is_named_at_the_table_that_lacks_it(folder: Path) -> None:
    line = spoil(folder, "rates/storm.toml", 'authority = "Resolution 2008-112 of Río Claro (fictional)"\n', "")
    (problem,) = problems(folder)
    assert (problem.file, problem.line) == ("rates/storm.toml", line - 2)  # the heading [[rates.versions]]
    assert problem.field == "rates[storm-drain].versions[1].authority"


def test_all_mistakes_are_told_at_once_and_a_key_in_two_files_is_one(folder: Path) -> None:
    spoil(folder, "rates/sewer.toml", 'revenue_line = "sewer"', 'revenue_line = "sewage"')
    spoil(folder, "chart.toml", 'fund = "520"', 'fund = "525"')
    assert len(problems(folder)) > 1
    (folder / "extra.toml").write_text("[payments]\nleast = 2.00\n", encoding="utf-8")
    (problem,) = problems(folder)
    assert (problem.file, problem.field) == ("policies.toml", "payments")
    assert problem.message == "is already given in extra.toml"


def test_other_cities_profiles_are_not_read(folder: Path) -> None:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "tracy.toml").write_text("nonsense = = 1", encoding="utf-8")
    read_folder(folder)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path)
    assert "no TOML files" in str(problem)
