"""RQ entry points: ids in, one flow call. Each is safe to run twice, at once or after a crash."""

from server.starting import begin

begin()
