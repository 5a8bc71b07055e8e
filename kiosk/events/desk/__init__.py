"""What staff see of events and do with them: the programme, an event, its sign-in sheet, the wishes."""
