"""The live reading: what is happening now, what is an alarm, what to do, and what was.

Samples come in (`sources`), are kept (`history`), and are judged (`alarms`) by one process (`ingest`); deeds of
people and everything the judge says stand in one journal. Pages live in `lodeworks.pages`, a plant to practise on in
`lodeworks.rehearse`.
"""
