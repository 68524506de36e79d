//! Trying a federated credential: every step, and what came out of it. Nothing is issued, spent or noted.
