"""The old name of the package's parts, until every importer uses the new one."""

from decision_aid.components import *  # noqa: F403
