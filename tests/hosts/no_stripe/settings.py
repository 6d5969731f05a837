"""A host without any gateway and without a line of ours in its settings: paid by transfer."""

from tests.hosts.ground import *  # noqa: F403
