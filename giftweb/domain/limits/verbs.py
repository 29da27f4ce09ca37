"""The verbs that wait for another person when they are above a limit, as an approval names them."""

ISSUE = "issue"
TOP_UP = "top_up"
ADJUST = "adjust"
ORDER_CARD = "order_card"
RECEIVE = "receive"
