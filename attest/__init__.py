"""The prover: from an exchange's ledger to a signed attestation that anyone can check (docs/architecture.md)."""
