"""个人信息."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms import privacy, uscc


def id_number(area: str = "230402", born: str = "19900307", serial: str = "123") -> str:
    seventeen = area + born + serial
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, privacy._ID_WEIGHTS, strict=True))
    return seventeen + "10X98765432"[total % 11]


ENDING_IN_X = next(number for serial in range(100, 300) if (number := id_number(serial=str(serial))).endswith("X"))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"当事人张某，身份证号{id_number()}，经营超市", ["id_number"]),
        (f"身份证：{ENDING_IN_X}。", ["id_number"]),
        (f"身份证：{ENDING_IN_X.lower()}。", ["id_number"]),
        (id_number().translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}), ["id_number"]),
        (f"{id_number()[:6]} {id_number()[6:14]} {id_number()[14:]}", ["id_number"]),
        ("身份证号码：230402900307123", ["id_number"]),
        ("注册号 230402900307123", []),
        ("联系电话13800138000", ["mobile"]),
        ("电话：138 0013 8000", ["mobile"]),
        ("电话：138-0013-8000", ["mobile"]),
        ("电话：+8613800138000", ["mobile"]),
        ("１３８００１３８０００", ["mobile"]),
        ("12345678901", []),
        ("卡号6222020200112233445", []),
        ("卡号6222021234567890128", ["bank_card"]),
        ("卡号6222 0212 3456 7890 128", ["bank_card"]),
        ("6222021234567890128", ["bank_card"]),
        ("卡号6222021234567890129", []),  # its last digit does not fit
        ("银行卡号：9558801234567890128", ["bank_card"]),
        ("编号：9558801234567890128", []),
        ("信用卡 4111-1111-1111-1111", ["bank_card"]),
        ("许可证编号4111111111111111", []),
        ("工商注册号 230402600012345", []),
        ("鹤食罚字第13800138000号", []),
        ("鹤市监处罚〔2026〕13800138000号", []),
        ("请拨打13800138000号码", ["mobile"]),
        (f"{id_number()}，13800138000", ["id_number", "mobile"]),
        ("鹤市监处罚〔2026〕123号，罚款0.2万元", []),
        ("食品经营许可证 JY12304020012345", []),
        ("9135010026017703XW", []),
        ("914101086905876455", []),
        ("20260508190257508590", []),
        (id_number()[:17] + ("1" if id_number()[17] != "1" else "2"), []),
        (id_number(born="19900231"), []),
        (id_number(born="17900228"), []),
        (id_number(area="990402"), []),
        ("", []),
        ("违反《中华人民共和国食品安全法》第五十三条第一款", []),
    ],
)
def test_personal_data_is_found_and_nothing_else(text, kinds):
    assert [found.kind for found in privacy.find(text)] == kinds


def test_a_finding_says_where_and_what_but_not_the_number():
    text = f"张某（{id_number()}）"

    (found,) = privacy.find(text)

    assert text[found.start : found.end] == id_number()
    assert found.label == "身份证号码"
    assert id_number() not in repr(found)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("驾驶黑H12345号重型货车", "驾驶黑H*****号重型货车"),
        ("驾驶黑H·1234A超限运输", "驾驶黑H·*****超限运输"),
        ("车牌号：黑NAB123", "车牌号：黑N*****"),
        ("挂车黑H1234挂", "挂车黑H*****"),
        ("黑ＨＤ１２３４５新能源", "黑Ｈ******新能源"),
        ("大型新能源车黑H12345D", "大型新能源车黑H******"),
        ("黑h12345、京AF00001", "黑h*****、京A******"),
        ("许可证 黑AQ20230012", "许可证 黑AQ20230012"),
        ("黑交运管许可鹤字230400001234号", "黑交运管许可鹤字230400001234号"),
        ("黑龙江省HACCP认证", "黑龙江省HACCP认证"),
        ("（黑）JZ安许证字〔2026〕000123", "（黑）JZ安许证字〔2026〕000123"),
        ("92230402MA1CTE575M", "92230402MA1CTE575M"),
        ("新ABCDEF项目", "新ABCDEF项目"),
    ],
)
def test_a_plate_keeps_its_office_and_loses_its_number(text, shown):
    assert privacy.blotted(text, privacy.find_plates(text)) == shown
    assert all(found.label == "车牌号" for found in privacy.find_plates(text))


@given(st.sampled_from(["91", "92", "93"]), st.text(uscc.ALPHABET.replace("X", "")[10:], min_size=1, max_size=1))
def test_a_code_of_the_register_with_a_letter_is_never_an_id_number(start, letter):
    code = uscc.compose(department=start[0], body=start[1], division="230402", serial=f"MA{letter}00001")

    assert privacy.find(code) == ()


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("230102199001011234", "2301********1234"),
        ("230102 19900101 1234", "2301********1234"),
        ("E12345678", "E1********78"),
        ("123", "********"),
        ("", "********"),
    ],
)
def test_a_number_of_a_document_is_hidden_in_its_middle(number, masked):
    assert privacy.mask_id(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("张三丰", "张**"), ("欧阳修", "欧阳*"), ("伊万诺夫", "伊***"), ("", "")]
)
def test_a_name_keeps_its_surname(name, masked):
    assert privacy.mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("黑龙江省鹤岗市工农区红旗路18号阳光小区3号楼2单元501室", "黑龙江省鹤岗市工农区红旗路"),
        ("鹤岗市萝北县凤翔镇建国村3组", "鹤岗市萝北县凤翔镇"),
        ("黑河市爱辉区兴安街家属楼12号", "黑河市爱辉区兴安街"),
        ("鹤岗市南山区六号街道办事处某家属楼", "鹤岗市南山区六号街道"),
        ("鹤岗市工农区阳光小区3号楼", "鹤岗市工农区"),
        ("阳光小区3号楼", ""),
        ("鹤岗市工农区红旗路18号", "鹤岗市工农区红旗路18号"),
        ("黑河市爱辉区花园街56号", "黑河市爱辉区花园街56号"),
        ("哈尔滨市平房区友协大街9号", "哈尔滨市平房区友协大街9号"),
        ("哈尔滨市道里区友谊路2号楼1单元", "哈尔滨市道里区友谊路"),
        ("鹤岗市工农区阳光小区3号楼一层门市", "鹤岗市工农区阳光小区3号楼一层门市"),
        ("黑河市中央商业街国际商贸城大厦3单元", "黑河市中央商业街国际商贸城大厦3单元"),
    ],
)
def test_a_home_is_shown_to_its_street_and_a_shop_to_its_door(address, shown):
    assert privacy.street_level(address) == shown
