"""Who may see what was coded apart, for everything that shows events, entries or documents. Floor 5.

The rules stand in `coding.apart`, which the desk itself uses.
"""

from __future__ import annotations

from eventcoder.coding.apart import blind_tasks, drafts_concealed, shown_entry, task_open_to, viewer, visible, visible_entry

__all__ = ["blind_tasks", "drafts_concealed", "shown_entry", "task_open_to", "viewer", "visible", "visible_entry"]
