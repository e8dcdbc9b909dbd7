"""The fields of forms."""

from tests.support.callers import Callers
from tests.support.console import submit, visiting


async def test_a_form_with_too_many_fields_is_refused(shared_callers: Callers) -> None:
    async with visiting(shared_callers) as client:
        fields = {f"field{number}": "" for number in range(60)}
        assert (await submit(client, "/console/sign-in", fields)).status_code == 400


async def test_blanks_around_a_token_do_not_count(shared_callers: Callers) -> None:
    async with visiting(shared_callers) as client:
        answer = await submit(client, "/console/sign-in", {"token": "  token-of-reader\n"})
        assert answer.status_code == 303
