"""What the pages say, in the window's three languages. One row a text: Korean, English, Chinese."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

LANGUAGES = (
    "KO",
    "EN",
    "CN",
)  # Documented (window.language): of the window alone, KO when not said
HTML_LANGUAGES = {"KO": "ko", "EN": "en", "CN": "zh-CN"}

_WORDS = {
    "mock": ("MOCK 모의 결제", "MOCK", "MOCK 模拟支付"),
    "no_money": (
        "시험용 결제창입니다. 실제로 결제되지 않습니다.",
        "A test window. No money moves.",
        "测试支付窗口，不会发生真实扣款。",
    ),
    "window": ("결제창", "Payment", "支付窗口"),
    "close": ("닫기", "Close", "关闭"),
    "goods": ("상품명", "Item", "商品"),
    "amount": ("결제금액", "Amount", "支付金额"),
    "order": ("주문번호", "Order", "订单号"),
    "terms": ("약관 동의", "Terms", "条款"),
    "agree_all": ("전체 동의", "I agree to all", "全部同意"),
    "required": ("필수", "required", "必选"),
    "term_finance": (
        "전자금융거래 이용약관",
        "Electronic financial transactions",
        "电子金融交易条款",
    ),
    "term_privacy": (
        "개인정보 수집 및 이용",
        "Collection and use of personal data",
        "个人信息收集与使用",
    ),
    "term_others": (
        "개인정보 제3자 제공",
        "Disclosure of personal data to others",
        "向第三方提供个人信息",
    ),
    "term_text": (
        "모의 결제창의 예시 약관입니다. 법적 효력이 없으며 어떤 정보도 외부로 전송되지 않습니다.",
        "Sample terms of a mock window. They bind nobody, and nothing leaves this machine.",
        "模拟窗口的示例条款，不具法律效力，任何信息都不会离开本机。",
    ),
    "read": ("보기", "Read", "查看"),
    "method": ("결제수단", "Pay with", "支付方式"),
    "card": ("신용·체크카드", "Card", "信用卡 · 借记卡"),
    "bank": ("계좌이체", "Bank transfer", "账户转账"),
    "vbank": ("가상계좌", "Virtual account", "虚拟账户"),
    "cellphone": ("휴대폰", "Mobile phone", "手机支付"),
    "easy": ("간편결제", "Wallet", "快捷支付"),
    "company": ("카드사", "Card company", "发卡机构"),
    "quota": ("할부기간", "Installments", "分期"),
    "lump_sum": ("일시불", "Pay in full", "一次性付款"),
    "months": ("개월", " months", "个月"),
    "quota_hint": (
        "5만원부터 할부를 선택할 수 있습니다.",
        "Installments begin at 50,000 won.",
        "满5万韩元可分期付款。",
    ),
    "from_bank": ("출금 은행", "Your bank", "付款银行"),
    "to_bank": ("입금 은행", "Bank to pay into", "入账银行"),
    "wallet_card": ("간편결제에 등록된 카드", "Card in the wallet", "钱包中的卡"),
    "receipt": ("현금영수증", "Cash receipt", "现金收据"),
    "receipt_none": ("미발행", "None", "不开具"),
    "receipt_individual": ("소득공제", "Personal", "个人抵税"),
    "receipt_company": ("지출증빙", "Business", "企业凭证"),
    "receipt_no": ("휴대폰 번호", "Mobile number", "手机号码"),
    "receipt_no_company": ("사업자등록번호", "Business number", "企业注册号"),
    "receipt_hint": (
        "숫자만, 휴대폰 10~11자리 또는 사업자번호 10자리",
        "Digits only: 10 or 11 of a mobile, 10 of a business",
        "仅数字：手机10-11位，企业号10位",
    ),
    "carrier": ("통신사", "Carrier", "运营商"),
    "phone_number": ("휴대폰 번호", "Phone number", "手机号码"),
    "phone_hint": (
        "아무 번호나 괜찮습니다. 저장하지 않습니다.",
        "Any number will do. It is not kept.",
        "任意号码即可，不会保存。",
    ),
    "digital": ("디지털 콘텐츠", "Digital content", "数字内容"),
    "physical": ("실물 상품", "Physical goods", "实物商品"),
    "pay": ("결제하기", "Pay", "支付"),
    "cancel": ("취소", "Cancel", "取消"),
    "tools": ("시험 도구", "Test tools", "测试工具"),
    "outcome": ("결과", "Outcome", "结果"),
    "approve": ("승인", "Approve", "批准"),
    "decline": ("거절", "Decline", "拒绝"),
    "timeout": ("시간 초과", "Time out", "超时"),
    "code": ("결과코드", "Result code", "结果代码"),
    "code_hint": (
        "코드나 문구로 검색하세요. 비우면 인증 실패입니다.",
        "Search by code or text. Empty: authentication fails.",
        "按代码或文字搜索；留空为认证失败。",
    ),
    "no_codes": ("일치하는 코드가 없습니다.", "No code matches.", "没有匹配的代码。"),
    "coupon": ("쿠폰 사용 금액", "Paid by a coupon", "优惠券金额"),
    "bad_choice": (
        "선택한 내용으로는 결제할 수 없습니다.",
        "This cannot be paid as chosen.",
        "无法按所选内容支付。",
    ),
    "bad_code": (
        "결과코드를 확인해 주세요. 없는 코드이거나 성공 코드입니다.",
        "Please check the result code: it is unknown, or it means success.",
        "请检查结果代码：不存在或为成功代码。",
    ),
    "bad_coupon": (
        "쿠폰 사용 금액을 확인해 주세요. 결제금액 이하의 숫자만 쓸 수 있습니다.",
        "Please check the coupon: digits only, at most the amount.",
        "请检查优惠券金额：仅限数字，且不得超过支付金额。",
    ),
    "speed": ("응답 속도", "Speed", "速度"),
    "at_once": ("바로", "At once", "立即"),
    "seconds": ("초 후", " s later", "秒后"),
    "callback": ("returnUrl 호출", "Callback", "回调"),
    "callback_once": ("한 번 (정상)", "Once", "一次"),
    "callback_twice": ("두 번", "Twice", "两次"),
    "callback_webhook": ("웹훅 다음에", "After the webhook", "在Webhook之后"),
    "callback_signature": ("서명 위조", "Forged signature", "伪造签名"),
    "callback_amount": ("금액 위조", "Forged amount", "伪造金额"),
    "callback_success": ("거절을 성공으로 위조", "Decline forged as success", "将拒绝伪造为成功"),
    "callback_never": ("오지 않음", "Never comes", "不回调"),
    "close_title": ("결제를 그만할까요?", "Leave the payment?", "要放弃支付吗？"),
    "close_text": (
        "지금 나가면 결제되지 않습니다.",
        "If you leave now, nothing is paid.",
        "现在离开则不会付款。",
    ),
    "stay": ("계속 결제", "Stay", "继续支付"),
    "leave": ("나가기", "Leave", "离开"),
    "must_agree": (
        "필수 약관에 동의해 주세요.",
        "Please agree to the required terms.",
        "请同意必选条款。",
    ),
    "handing_over": (
        "결제 결과를 상점에 전달하고 있습니다.",
        "Handing the result to the shop.",
        "正在将支付结果返回商户。",
    ),
    "go_on": ("계속", "Continue", "继续"),
    "lost": (
        "시험 설정에 따라 이 결과는 상점에 전달되지 않습니다.",
        "This result is lost on purpose: the shop never hears of it.",
        "按测试设置，此结果不会返回给商户。",
    ),
    "bad_return": (
        "returnUrl이 http(s) 주소가 아니어서 전달할 수 없습니다",
        "returnUrl is not an http(s) address, so nothing can be posted there",
        "returnUrl 不是 http(s) 地址，无法返回",
    ),
    "gone": ("없는 결제창입니다.", "There is no such window.", "该支付窗口不存在。"),
    "gone_text": (
        "이미 끝났거나 서버가 초기화되었습니다. 상점에서 다시 결제를 시작하세요.",
        "It has ended, or the server was reset. Start again from the shop.",
        "它已结束或服务器已重置，请从商户重新开始支付。",
    ),
    "busy": ("처리 중입니다.", "In progress.", "处理中。"),
    "busy_text": (
        "이 결제창에서 이미 결제를 선택했습니다. 잠시 기다려 주세요.",
        "The payment has been chosen in this window already. One moment.",
        "已在此窗口选择支付，请稍候。",
    ),
    "back_to_shop": ("상점으로 돌아가기", "Back to the shop", "返回商户"),
    "ended": ("결제가 끝났습니다.", "The payment has ended.", "支付已结束。"),
    "account_title": ("가상계좌가 발급되었습니다", "Your virtual account", "虚拟账户已开立"),
    "account_text": (
        "아래 계좌로 기한 안에 입금하면 결제가 완료됩니다.",
        "Pay into this account in time and the order is paid.",
        "请在期限内向以下账户汇款以完成支付。",
    ),
    "account_number": ("계좌번호", "Account", "账号"),
    "account_bank": ("은행", "Bank", "银行"),
    "account_holder": ("예금주", "Holder", "户名"),
    "account_until": ("입금기한", "Pay until", "付款期限"),
    "confirm": ("확인", "OK", "确认"),
}


@cache
def words(language: str) -> Mapping[str, str]:
    """Every text by its name, in one of `LANGUAGES`."""
    column = LANGUAGES.index(language)
    return MappingProxyType({name: row[column] for name, row in _WORDS.items()})
