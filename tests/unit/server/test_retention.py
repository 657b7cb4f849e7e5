"""What may be removed, when, and what then happens; what can be made again."""

from __future__ import annotations

import shutil
from pathlib import Path

from server.retention import DAY_S, LEAST_DAYS, prune, rebuild
from server.settings import Settings
from tests.support.refusals import refused
from tests.support.site import ENGINE, FROZEN, asking, attestation, ids
from verifier.errors import Malformed, Rejected, Unavailable

LATER = attestation(1).identity.taken_at + (LEAST_DAYS + 1) * DAY_S
GONE = {"book.proof", "leaves.bin", "sealed.bin"}


def kept(settings: Settings, number: int) -> set[str]:
    return {path.name for path in settings.site.epoch(number).iterdir()}


def test_by_default_nothing_goes(own_site: Settings) -> None:
    assert kept(own_site, 1) == {path.name for path in (FROZEN / "1").iterdir()}


def test_only_large_files_of_old_epochs_go(own_site: Settings) -> None:
    found = prune(own_site, LEAST_DAYS, really=True, now=LATER)
    assert {(item.epoch, item.name) for item in found} == {(1, name) for name in GONE}
    assert kept(own_site, 1) == {"attestation.json", "schema.json"}
    assert kept(own_site, 2) == {path.name for path in (FROZEN / "2").iterdir()}, "the newest keeps everything"
    assert not own_site.site.cache(1).exists()
    assert prune(own_site, LEAST_DAYS, really=True, now=LATER) == []


def test_a_list_first(own_site: Settings) -> None:
    assert {item.name for item in prune(own_site, LEAST_DAYS, really=False, now=LATER)} == GONE
    assert kept(own_site, 1) == {path.name for path in (FROZEN / "1").iterdir()}


def test_not_a_day_too_early(own_site: Settings) -> None:
    assert prune(own_site, LEAST_DAYS, really=True, now=LATER - 2 * DAY_S) == []
    for days in (0, -1, LEAST_DAYS - 1):
        with refused(Malformed, "E_RETENTION"):
            prune(own_site, days, really=True, now=LATER)


def test_what_was_removed_is_said_to_be(own_site: Settings) -> None:
    client = asking(own_site)
    row = f"/v1/attestations/1/rows/{ids(FROZEN / '1')[0]}"
    before = client.get("/v1/attestations/1").data
    assert client.get(row).status_code == 200
    prune(own_site, LEAST_DAYS, really=True, now=LATER)
    for asked in (client, asking(own_site)):
        for address in (row, "/v1/attestations/1/files/leaves.bin"):
            response = asked.get(address)
            assert response.status_code == 410
            assert response.json is not None
            assert response.json["type"] == "/problems/file-removed"
        assert asked.get("/v1/attestations/1").data == before, "what was signed stays what it was"
        assert asked.get("/v1/attestations/1/files/attestation.json").status_code == 200
        page = asked.get("/epochs/1", headers={"Accept": "text/html"})
        assert b"removed after its time of retention" in page.data


def test_an_interrupted_removal_is_finished(own_site: Settings) -> None:
    prune(own_site, LEAST_DAYS, really=True, now=LATER)
    shutil.copy(FROZEN / "1" / "leaves.bin", own_site.site.epoch(1) / "leaves.bin")
    assert asking(own_site).get("/v1/attestations/1/files/leaves.bin").status_code == 410
    prune(own_site, LEAST_DAYS, really=False, now=LATER)
    assert "leaves.bin" not in kept(own_site, 1)


def test_rebuilt_from_a_copy_without_times(own_site: Settings, tmp_path: Path) -> None:
    """As from a backup that keeps no times: refused until everything was compared with what was signed."""
    shutil.copytree(own_site.root, tmp_path / "restored", copy_function=shutil.copyfile)
    restored = Settings(tmp_path / "restored")
    row = f"/v1/attestations/1/rows/{ids(FROZEN / '1')[0]}"
    assert asking(restored).get(row).status_code == 503
    assert rebuild(restored, ENGINE) == [1, 2]
    assert asking(restored).get(row).data == asking(own_site).get(row).data
    assert not list(restored.root.glob("*/.publish-*"))


def test_a_rebuild_refuses_what_was_not_signed(own_site: Settings) -> None:
    path = own_site.site.epoch(1) / "sealed.bin"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1] + b"x")
    with refused(Rejected, "E_BINDING", where="epoch 1: sealed.bin"):
        rebuild(own_site, ENGINE)
    path.unlink()
    with refused(Unavailable, "E_FILE"):
        rebuild(own_site, ENGINE)


def test_a_rebuild_after_removals(own_site: Settings) -> None:
    prune(own_site, LEAST_DAYS, really=True, now=LATER)
    assert rebuild(own_site, ENGINE) == [1, 2]
    assert not own_site.site.cache(1).exists()


def test_not_while_another_works(own_site: Settings) -> None:
    with own_site.site.locked():
        with refused(Unavailable, "E_LOCKED"):
            prune(own_site, LEAST_DAYS, really=True)
        with refused(Unavailable, "E_LOCKED"):
            rebuild(own_site, ENGINE)
