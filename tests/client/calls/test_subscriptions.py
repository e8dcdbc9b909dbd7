from receiver.client.calls.subscriptions import list_subscriptions, register_subscription


def test_a_subscription_is_registered_as_it_stands() -> None:
    answered = {"id": "sub-4711", "types": ["t"], "config": {"subscriptionMaxEvents": 1}}
    call = register_subscription(credential="operator", subscription=answered)
    assert call.body == {"credential": "operator", "subscription": answered}
    with_device = register_subscription(
        credential="operator", subscription=answered, device={"phoneNumber": "+99999991000"}
    )
    assert isinstance(with_device.body, dict)
    assert with_device.body["device"] == {"phoneNumber": "+99999991000"}


def test_several_states_are_asked_at_once() -> None:
    call = list_subscriptions(state=["overdue", "silent"], uncovered=True)
    assert call.query == [("state", "overdue"), ("state", "silent"), ("uncovered", "true")]
