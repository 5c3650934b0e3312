"""Files that rows name as attachments: in the operator's folder, or behind https links. No flow, no environment."""

from server.attachments.row_files import RowFiles

__all__ = ["RowFiles"]
