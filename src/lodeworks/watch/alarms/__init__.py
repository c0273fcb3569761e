"""Alarms: what about the samples deserves a person, and what became of it.

`states` is the table of what an alarm can be; `channels`, `detect` and `delay` turn samples into conditions that begin
and end; `engine` puts both together and writes the journal.
"""
