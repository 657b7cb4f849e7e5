"""Who may import whom (docs/architecture.md), read off the sources: imports inside functions and by name count too."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"attest", "verifier", "server", "solvent_core"}
DISTRIBUTIONS = {name: {d.lower().replace("_", "-") for d in found} for name, found in packages_distributions().items()}


def imports(source: str) -> set[str]:
    """Every module that ``source`` imports, dotted, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}"}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            found.add(ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "?computed")
    return found


def top_imports(source: str) -> set[str]:
    """Every module imported when the file itself is imported."""
    return imports("\n".join(ast.unparse(node) for node in ast.parse(source).body if isinstance(node, _IMPORTS)))


_IMPORTS = (ast.Import, ast.ImportFrom)


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path.read_text(encoding="utf-8"))}


def declared(project: Path) -> set[str]:
    """The distributions that a pyproject.toml asks for, lower case."""
    wanted = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return {requirement.split(">")[0].split("=")[0].strip().lower() for requirement in wanted}


def declared_extra(project: Path, extra: str) -> set[str]:
    """The distributions of an optional part, lower case."""
    wanted = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["optional-dependencies"][extra]
    return {requirement.split(">")[0].strip().lower() for requirement in wanted}


def undeclared(names: set[str], distributions: set[str]) -> set[str]:
    """Of third-party modules, those that no declared distribution provides."""
    third_party = names - set(sys.stdlib_module_names) - OURS
    return {name for name in third_party if not DISTRIBUTIONS.get(name, set()) & distributions}


@pytest.mark.parametrize("path", files("verifier"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_verifier_needs_nothing_but_what_it_declares(path: Path) -> None:
    names = roots(path)
    assert not names & {"attest", "server", "flask", "numpy", "duckdb", "pyarrow"}
    assert "" not in names, "no relative imports"
    assert not undeclared(names - {"solvent_core"}, declared(ROOT / "verifier" / "pyproject.toml"))
    assert "solvent_core" not in names or path.name == "core_engine.py", "only its adapter knows of the compiled core"
    in_cli = path.relative_to(ROOT / "verifier").as_posix().startswith("cli")
    assert "click" not in names or in_cli, "only the command line needs click"


@pytest.mark.parametrize("path", files("attest"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_prover_knows_no_server(path: Path) -> None:
    names = roots(path)
    assert not names & {"server", "flask"}
    assert "" not in names, "no relative imports"
    project = ROOT / "pyproject.toml"
    optional = declared_extra(project, "pkcs11") if path.name == "token.py" else set()
    assert not undeclared(names, declared(project) | optional)


def test_tokens_are_optional() -> None:
    """Only attest/token.py knows of PKCS#11, and loading it needs nothing: the package is met when a token is used."""
    users = [path.name for path in files("attest") if "pkcs11" in roots(path)]
    assert users == ["token.py"]
    assert "pkcs11" not in top_imports((ROOT / "attest/token.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", files("server"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_service_can_read_and_nothing_more(path: Path) -> None:
    """Of the prover it may know where epochs lie; keys, secrets and signing are out of its reach."""
    names = imports(path.read_text(encoding="utf-8"))
    assert not {name for name in names if name.split(".")[0] == "attest"} - {"attest.store"}
    assert "" not in roots(path), "no relative imports"
    assert not undeclared(roots(path) - {"_typeshed"}, declared(ROOT / "pyproject.toml")), (
        "_typeshed is for types alone"
    )
    assert "click" not in roots(path) or path.name == "cli.py", "only the commands need click"


def test_bls_is_imported_only_when_it_is_met() -> None:
    loads_pydantic = [p for p in files("verifier") if "py_ecc.bls" in top_imports(p.read_text(encoding="utf-8"))]
    assert not loads_pydantic


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import attest.book", "attest.book"),
        ("def f():\n    from attest import book", "attest"),
        ("import importlib\nimportlib.import_module('server')", "server"),
        ("__import__('flask')", "flask"),
        ("import importlib\nimportlib.import_module(name)", "?computed"),
        ("from . import book", "."),
        ("if TYPE_CHECKING:\n    import numpy", "numpy"),
    ],
)
def test_no_import_escapes_the_reader(source: str, found: str) -> None:
    assert found in imports(source)


def test_there_is_something_to_read() -> None:
    assert ROOT / "verifier" / "reference" / "tree.py" in files("verifier")
    assert undeclared({"numpy", "hashlib", "py_ecc", "Crypto"}, declared(ROOT / "verifier" / "pyproject.toml")) == {
        "numpy"
    }
