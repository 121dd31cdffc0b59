"""Explanations for the developer: why a billing key cannot be used as requested."""

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.times import iso
from mock_nicepay.core.records import BillingKey

_LONGEST = 64  # characters of a sent value that are shown

CONTRACT_ENDED = Cause(
    "the merchant's contract for recurring payments is suspended or terminated (its trait "
    "`recurring`); nothing can be registered",
    "상점의 빌링 계약이 중지 또는 해지된 상태입니다(상점의 recurring 항목). 빌키를 발급할 수 없습니다",
)
IS_SUSPENDED = Cause(
    "the card company has suspended this billing key; ask the customer for another card. "
    "No money has moved, and the orderId is free again",
    "카드사에서 사용을 중지한 빌키입니다. 고객에게 다른 카드를 요청하세요. "
    "결제되지 않았으며 orderId는 다시 사용할 수 있습니다",
)
NOT_INTEREST_FREE = Cause(
    "recurring payments do not take useShopInterest true at present; send false",
    "빌키 승인에서는 현재 상점 무이자(useShopInterest)를 사용할 수 없습니다. false로 보내세요",
)


def no_bid(bid: str, length: int) -> Cause:
    """What the path has in the place of the bid cannot be a bid."""
    real = len(bid.encode("utf-8", "replace"))
    return Cause(
        f"the bid {bid[:_LONGEST]!r} in the path takes {real} bytes; a bid has {length}, such as "
        "BIKYnictest00m1104191651325596. Send the `bid` that the registration answered",
        f"경로의 bid {bid[:_LONGEST]!r}은(는) {real}바이트입니다. bid는 {length}바이트이며 "
        "빌키 발급 응답의 `bid` 값을 그대로 보내야 합니다",
    )


def is_unknown(bid: str) -> Cause:
    """This merchant has no key with that bid."""
    return Cause(
        f"this key pair has registered nothing under the bid {bid[:_LONGEST]!r}; was it registered with "
        "another clientId, or before a reset?",
        f"이 키로 발급된 빌키 중 {bid[:_LONGEST]!r}이(가) 없습니다. 다른 clientId로 발급했거나 "
        "초기화 이전에 발급한 빌키가 아닌가요?",
    )


def is_of_another_pair(key: BillingKey) -> Cause:
    """The same merchant registered the key with another of its key pairs."""
    pair = key.key_id or key.client_id
    return Cause(
        f"the bid {key.bid} was registered with {pair}, another key pair of this merchant; charge it "
        "with that one, or register the card with this one",
        f"빌키 {key.bid}은(는) 같은 상점의 다른 키({pair})로 발급되었습니다. 그 키로 승인하거나 이 키로 "
        "카드를 다시 등록하세요",
    )


def is_deleted(key: BillingKey) -> Cause:
    """The key was deleted."""
    when = iso(key.ended_at) if key.ended_at else "before"
    return Cause(
        f"the bid {key.bid} was deleted at {when}; register the card again",
        f"빌키 {key.bid}은(는) {when}에 삭제되었습니다. 카드를 다시 등록해야 합니다",
    )


def is_of_another_merchant(bid: str) -> Cause:
    """The key is another merchant's."""
    return Cause(
        f"the bid {bid[:_LONGEST]!r} belongs to another merchant; use the key pair it was registered with",
        f"빌키 {bid[:_LONGEST]!r}은(는) 다른 상점에서 발급되었습니다. 발급에 사용한 키를 사용하세요",
    )


def is_for_another_method(key: BillingKey, method: str) -> Cause:
    """The key was registered for another method."""
    right, right_ko = (
        (f"send method {key.method!r}", f"method를 {key.method!r}(으)로 보내야 합니다")
        if key.method and key.method != "cardBill"
        else ("it is a card's: leave method out", "카드 빌키이므로 method를 보내지 않아야 합니다")
    )
    if not method:
        return Cause(
            f"method was not sent, and the bid {key.bid} is not a card's; {right}",
            f"method가 없지만 빌키 {key.bid}은(는) 카드 빌키가 아닙니다. {right_ko}",
        )
    return Cause(
        f"the bid {key.bid} was not registered as {method[:_LONGEST]!r}; {right}",
        f"빌키 {key.bid}은(는) {method[:_LONGEST]!r}(으)로 등록되지 않았습니다. {right_ko}",
    )


def is_over(key: BillingKey) -> Cause:
    """The card has expired."""
    return Cause(
        f"the card of {key.bid} was good until {key.good_until}, which has passed by the merchant's "
        "clock; ask the customer for the new card and register it",
        f"빌키 {key.bid}의 카드 유효기간({key.good_until})이 상점의 현재 시각 기준으로 지났습니다. "
        "고객에게 새 카드를 받아 다시 등록하세요",
    )
