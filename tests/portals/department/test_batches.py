"""Batches: whose one sees, in which state, what each changes; what can be had of one and done with it, and by whom."""

import pytest
from django.urls import reverse

from chengxin.ingest import batches, store
from chengxin.ingest.models import Batch
from chengxin.people.models import Trail, Unit, User
from tests.portals.conftest import AT, PASSWORD, make_batch, set_aside, signed_in

pytestmark = pytest.mark.django_db

DIFFERENCE = {
    "new": 3,
    "changed": 1,
    "unchanged": 5,
    "rejected": 2,
    "waiting": 1,
    "warnings": 0,
    "reasons": [["E13", "", "info", 5], ["E30", "", "error", 1], ["E02", "统一社会信用代码", "error", 1]],
    "sample": [
        {
            "row": 7,
            "subject": "92230402MA1CTE575M",
            "name": "松岭里饺子馆",
            "title": "未明码标价",
            "fields": [["处罚内容", "罚款二千元", "罚款一千元"]],
        }
    ],
}
STATES = {
    "received": {"state": "received", "wanted": "check"},
    "checked": {"state": "checked", "rows": 11, "difference": DIFFERENCE},
    "applying": {"state": "checked", "wanted": "apply"},
    "applied": {
        "state": "applied",
        "rows": 11,
        "accepted": 4,
        "changed": 1,
        "unchanged": 5,
        "rejected": 2,
        "waiting": 1,
    },
    "failed": {"state": "failed", "message": "缺少必需的列：许可决定日期"},
    "dropped": {"state": "dropped"},
    "undone": {"state": "undone", "rows": 3, "accepted": 3},
}


@pytest.fixture
def mine(unit):
    """Return what makes a batch of Li Na's unit in a state."""
    sent = {"unit": unit, "source": unit.name, "way": "upload"}
    return lambda state, **more: make_batch(**{**sent, **STATES[state], **more})


# ---- The list ----------------------------------------------------------------------------------------------------


def test_batches_are_listed_newest_first(office):
    for name in ("旧.csv", "新.csv"):
        make_batch(file_name=name)

    page = office.get(reverse("batches")).content.decode()

    assert page.index("新.csv") < page.index("旧.csv")


def test_each_sees_the_batches_that_are_theirs_to_see(office, desk, neighbour, unit):
    county = Unit.objects.create(name="某区信用办", area="230402")
    near = signed_in(User.objects.create_user("sun", password=PASSWORD, role="county", unit=county))
    make_batch(file_name="本单位.csv", unit=unit)
    make_batch(file_name="命令行.csv")

    seen = {
        who: [name for name in ("本单位.csv", "命令行.csv") if name in browser.get(reverse("batches")).content.decode()]
        for who, browser in (("office", office), ("desk", desk), ("neighbour", neighbour), ("county", near))
    }

    assert seen == {
        "office": ["本单位.csv", "命令行.csv"],
        "desk": ["本单位.csv"],
        "neighbour": [],
        "county": ["本单位.csv"],
    }


def test_who_sees_several_units_is_told_whose_a_batch_is(office, desk, mine):
    mine("applied", source="")

    assert "某市市场监督管理局" in office.get(reverse("batches")).content.decode()
    assert "<small>某市市场监督管理局</small>" not in desk.get(reverse("batches")).content.decode()


@pytest.mark.parametrize(
    "asked, left",
    [
        ({"kind": "penalty"}, ["处罚.csv"]),
        ({"state": "checked"}, ["待确认.csv"]),
        ({"state": "working"}, ["处理中.csv"]),
        ({"way": "api"}, ["接口.csv"]),
        ({"month": "2026-12"}, ["十二月.csv"]),
        ({"month": "2026-04", "kind": "penalty"}, ["处罚.csv"]),
    ],
    ids=str,
)
def test_the_list_is_asked_by_kind_state_way_and_month(office, asked, left):
    make_batch(file_name="处罚.csv", kind="penalty")
    make_batch(file_name="待确认.csv", state="checked")
    make_batch(file_name="处理中.csv", state="checked", wanted="apply")
    make_batch(file_name="接口.csv", way="api")
    make_batch(file_name="十二月.csv", received_at=AT.replace(month=11, day=30, hour=16))

    page = office.get(reverse("batches"), asked).content.decode()

    names = ["处罚.csv", "待确认.csv", "处理中.csv", "接口.csv", "十二月.csv"]
    assert [name for name in names if name in page] == left


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "nonsense"},
        {"page": "99"},
        {"page": "x"},
        {"kind": "'; --", "page": "-1"},
        {"month": "2026-13"},
        {"month": "x", "state": "gone", "way": "pigeon"},
    ],
    ids=str,
)
def test_an_odd_question_still_gets_a_list(office, asked):
    make_batch(file_name="许可.csv")

    answer = office.get(reverse("batches"), asked)

    assert answer.status_code == 200 and "许可.csv" in answer.content.decode()


def test_a_question_without_an_answer_leads_back(office):
    make_batch(kind="licence")
    make_batch(kind="penalty", way="api")

    page = office.get(reverse("batches"), {"kind": "licence", "way": "api"}).content.decode()

    assert "没有这样的批次" in page


def test_a_long_list_has_pages_and_keeps_its_question(office):
    for _ in range(30):
        make_batch()
    make_batch(kind="penalty")

    page = office.get(reverse("batches"), {"kind": "licence"}).content.decode()

    assert "第 1 页，共 2 页" in page and 'href="?kind=licence&amp;page=2"' in page


def test_nothing_yet_says_what_to_do(desk):
    page = desk.get(reverse("batches")).content.decode()

    assert "还没有报送过数据" in page and reverse("forms") in page and reverse("send") in page


# ---- One batch -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state, words",
    [
        ("received", "正在检查"),
        ("checked", "待确认"),
        ("applying", "正在入库"),
        ("applied", "已入库"),
        ("failed", "未能读取"),
        ("dropped", "已放弃"),
        ("undone", "已撤回"),
    ],
)
def test_a_batch_says_how_far_it_has_come(desk, mine, state, words):
    batch = mine(state)

    assert f"</svg>{words}</span>" in desk.get(reverse("batch", args=[batch.pk])).content.decode()
    assert f"</svg>{words}</span>" in desk.get(reverse("batches")).content.decode()


def test_a_preview_says_what_confirming_would_do(desk, mine):
    batch = mine("checked")

    page = desk.get(reverse("batch", args=[batch.pk])).content.decode()

    assert "还没有入库" in page
    figures = ["<dt>新增</dt><dd><b>3</b>", "<dt>更新</dt><dd><b>1</b>", "<dt>未变</dt><dd><b>5</b>"]
    figures += ["<dt>不能用</dt><dd><b>1</b>", "<dt>待匹配</dt><dd><b>1</b>"]
    assert [figure for figure in figures if figure not in page] == []
    assert "<del>罚款二千元</del>" in page and "<ins>罚款一千元</ins>" in page
    assert "统一社会信用代码有误" in page and "对照营业执照核对" in page
    assert page.index("<small>错误，这一行不能用") < page.index("<small>等待，不用改") < page.index("<small>提示")
    assert reverse("batch-confirm", args=[batch.pk]) in page and reverse("batch-drop", args=[batch.pk]) in page
    assert reverse("feedback", args=[batch.pk]) in page


def test_what_changes_is_shown_to_whoever_may_decide_and_to_nobody_else(unit, mine, desk):
    near = Unit.objects.create(name="某区信用办", area=unit.area)
    county = signed_in(User.objects.create_user("sun", password=PASSWORD, role="county", unit=near))
    batch = mine("checked")

    page = county.get(reverse("batch", args=[batch.pk])).content.decode()

    assert "<dt>新增</dt><dd><b>3</b>" in page
    assert "松岭里饺子馆" not in page and "确认入库</button>" not in page and "下载反馈" not in page
    assert county.get(reverse("feedback", args=[batch.pk])).status_code == 404
    assert "松岭里饺子馆" in desk.get(reverse("batch", args=[batch.pk])).content.decode()


def test_a_batch_shows_why_rows_were_set_aside_but_not_the_rows(office, batch):
    set_aside(batch, count=3)

    page = office.get(reverse("batch", args=[batch.pk])).content.decode()

    assert "第 2 行的校验位不对" in page and "等待匹配主体" in page and "待改正" in page
    assert "不该出现的名字" not in page


def test_many_set_aside_rows_have_pages(office, batch):
    set_aside(batch, count=120)

    page = office.get(reverse("batch", args=[batch.pk]), {"page": 3}).content.decode()

    assert "第 3 页，共 3 页" in page and "第 121 行的校验位不对" in page and "第 2 行的校验位不对" not in page


def test_a_file_that_was_not_read_says_why_and_leads_to_another_try(desk, mine):
    page = desk.get(reverse("batch", args=[mine("failed").pk])).content.decode()

    assert "缺少必需的列：许可决定日期" in page and f"{reverse('send')}?kind=licence" in page


def test_the_same_file_again_says_when_it_came_before(desk, mine):
    first = mine("applied")
    again = mine("applied", same_as=first, accepted=0, unchanged=9)

    page = desk.get(reverse("batch", args=[again.pk])).content.decode()

    assert "这份文件 2026年4月1日 已经报送过" in page and f"第 {first.pk} 批</a>），没有变化" in page


def test_the_same_file_again_before_it_is_confirmed_says_what_to_do(desk, mine):
    again = mine("checked", same_as=mine("applied"), accepted=0, unchanged=9)

    page = desk.get(reverse("batch", args=[again.pk])).content.decode()

    assert "没有变化，不用再报：请按“放弃这一批”。" in page


@pytest.mark.parametrize(("kind", "says"), [("withdrawn", True), ("licence", False)])
def test_a_preview_of_what_stops_records_says_that_it_does(desk, mine, kind, says):
    page = desk.get(reverse("batch", args=[mine("checked", kind=kind).pk])).content.decode()

    assert ("随即按“撤销撤回”处理，公众页面同时改变" in page) is says


def test_an_undone_batch_and_its_undoing_lead_to_each_other(desk, mine):
    undone = mine("undone")
    undoing = make_batch(unit_id=undone.unit_id, way="hand", undoes=undone, accepted=3, message="日期全部填错")

    assert reverse("batch", args=[undoing.pk]) in desk.get(reverse("batch", args=[undone.pk])).content.decode()
    page = desk.get(reverse("batch", args=[undoing.pk])).content.decode()
    assert reverse("batch", args=[undone.pk]) in page and "日期全部填错" in page and "<dt>退回</dt>" in page


def test_while_a_worker_is_at_it_the_page_looks_again_by_itself(desk, mine):
    batch = mine("received", progress_rows=4096, progress_share=0.5)

    answer = desk.get(reverse("batch", args=[batch.pk]))

    page = answer.content.decode()
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert 'value="50.0"' in page and "已读 4,096 行（50%）" in page
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not Trail.objects.filter(verb="batch.see").exists(), "every two seconds would be a flood"


@pytest.mark.parametrize(
    "state, told",
    [
        ({"state": "received", "wanted": "check"}, (True, "排队等候处理…", None)),
        (
            {"state": "received", "wanted": "check", "progress_rows": 8192, "progress_share": 0.25},
            (True, "已读 8,192 行（25%）", 0.25),
        ),
        ({"state": "received", "wanted": "check", "progress_rows": 8192}, (True, "已读 8,192 行", None)),
        (
            {"state": "checked", "wanted": "apply", "progress_rows": 9000, "progress_share": 1.0},
            (True, "9,000 行已读完，正在写入…", 1.0),
        ),
        ({"state": "checked"}, (False, "排队等候处理…", None)),
    ],
    ids=["queued", "reading", "no share known", "writing", "done"],
)
def test_a_page_that_asks_is_told_how_far_it_is(desk, unit, state, told):
    batch = make_batch(unit=unit, **state)

    how = desk.get(reverse("batch-progress", args=[batch.pk])).json()

    assert (how["working"], how["words"], how["share"]) == told


def test_a_look_at_a_batch_leaves_a_trail(office, batch):
    office.get(reverse("batch", args=[batch.pk]))

    look = Trail.objects.get()
    assert (look.by, look.role, look.verb, look.thing) == ("wangmin", "credit_office", "batch.see", f"batch {batch.pk}")


def test_a_batch_that_is_not_there_is_not_found_and_leaves_no_trail(office):
    assert office.get(reverse("batch", args=[404])).status_code == 404
    assert not Trail.objects.exists()


# ---- The curious neighbour -----------------------------------------------------------------------------------------

URLS = ["batch", "batch-progress", "feedback", "batch-original", "batch-confirm", "batch-drop"]


@pytest.mark.parametrize("name", URLS)
def test_the_neighbour_finds_nothing_of_a_batch_that_is_not_theirs(neighbour, mine, name):
    made = [mine(state) for state in STATES]
    before = list(Batch.objects.order_by("id").values())
    only_post = name in ("batch-confirm", "batch-drop")

    answers = {
        (
            neighbour.get(reverse(name, args=[batch.pk])).status_code,
            neighbour.post(reverse(name, args=[batch.pk])).status_code,
        )
        for batch in made
    }

    assert answers == {(405, 404) if only_post else (404, 405)}
    assert list(Batch.objects.order_by("id").values()) == before
    assert not Trail.objects.exists()


def test_to_take_back_a_batch_is_not_a_departments_to_do(neighbour, desk, mine):
    batch = mine("applied")

    assert {who.post(reverse("batch-undo", args=[batch.pk])).status_code for who in (neighbour, desk)} == {403}
    assert Batch.objects.get(pk=batch.pk).state == "applied"


# ---- What can be had of it -----------------------------------------------------------------------------------------


@pytest.fixture
def kept(settings, tmp_path):
    """Return what keeps a file as an intake would, and gives its digest."""
    settings.FILES_DIR, settings.FEEDBACK_DIR = tmp_path / "files", tmp_path / "feedback"
    settings.FEEDBACK_DIR.mkdir()

    def keep(content):
        path = tmp_path / "sent.csv"
        path.write_bytes(content)
        with path.open("rb") as file:
            return store.keep(file, folder=settings.FILES_DIR, limit=1_000_000).sha256

    return keep


def test_the_original_comes_back_byte_by_byte_with_a_trail(desk, mine, kept):
    batch = mine("applied", sha256=kept("许可,内容\n".encode("gb18030")), file_name="许可（十一月）.csv")

    answer = desk.get(reverse("batch-original", args=[batch.pk]))

    assert b"".join(answer.streaming_content).decode("gb18030") == "许可,内容\n"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] == "application/octet-stream", "no browser opens what somebody sent"
    assert Trail.objects.get().verb == "batch.original"


def test_a_large_feedback_is_said_to_be_on_its_way(desk, mine, kept, settings):
    batch = mine("checked", sha256=kept(b"x"))
    (settings.FEEDBACK_DIR / f"{batch.pk}.jsonl").write_bytes(b" " * 600_000)

    answer = desk.get(reverse("feedback", args=[batch.pk]), follow=True)

    assert answer.content.decode().count("正在准备") == 2
    assert not Trail.objects.exclude(verb="batch.see").exists()


@pytest.mark.parametrize("name", ["batch-original", "feedback"])
def test_a_file_past_its_time_says_so(desk, mine, kept, name):
    batch = mine("applied", sha256="0" * 64)

    answer = desk.get(reverse(name, args=[batch.pk]), follow=True)

    assert "已过保存期限" in answer.content.decode()
    assert not Trail.objects.exclude(verb="batch.see").exists()


# ---- What can be done with it --------------------------------------------------------------------------------------


def test_a_preview_is_confirmed_once_and_the_second_is_told(desk, office, mine):
    batch = mine("checked")

    desk.post(reverse("batch-confirm", args=[batch.pk]))
    again = office.post(reverse("batch-confirm", args=[batch.pk]), follow=True)

    assert Batch.objects.get(pk=batch.pk).wanted == "apply"
    assert "不需要再确认" in again.content.decode()
    assert Trail.objects.filter(verb="batch.confirm").count() == 1


def test_a_preview_that_is_dropped_is_not_confirmed_any_more(desk, mine):
    batch = mine("checked")

    dropped = desk.post(reverse("batch-drop", args=[batch.pk]), follow=True)
    late = desk.post(reverse("batch-confirm", args=[batch.pk]), follow=True)

    assert "已放弃，没有入库" in dropped.content.decode()
    assert "已放弃，不需要再确认" in late.content.decode()
    assert Batch.objects.get(pk=batch.pk).state == "dropped"


def test_what_is_going_in_is_not_dropped_any_more(desk, mine):
    batch = mine("applying")

    answer = desk.post(reverse("batch-drop", args=[batch.pk]), follow=True)

    assert "不能放弃" in answer.content.decode()


@pytest.mark.parametrize(
    "reason, fault",
    [
        ("", "请写明撤回的原因"),
        ("  错 了 ", "请写明撤回的原因"),
        ("x" * 201, "200 个字以内"),
        ("张某 13800138000 来电要求撤回", "手机号码"),
        ("当事人230402199003071233", "身份证号码"),
    ],
    ids=["none", "too short", "too long", "a telephone", "an identity card"],
)
def test_a_batch_is_not_taken_back_without_a_good_reason(office, mine, reason, fault):
    batch = mine("applied")

    answer = office.post(reverse("batch-undo", args=[batch.pk]), {"reason": reason})

    assert answer.status_code == 422 and fault in answer.content.decode()
    assert Batch.objects.get(pk=batch.pk).state == "applied"


def test_a_batch_is_taken_back_with_its_reason_in_the_trail(office, mine):
    batch = mine("applied")

    assert "公众页面随即不再显示" in office.get(reverse("batch-undo", args=[batch.pk])).content.decode()
    answer = office.post(reverse("batch-undo", args=[batch.pk]), {"reason": "整份文件的日期填错了"}, follow=True)

    assert f"第 {batch.pk} 批已撤回" in answer.content.decode()
    assert Batch.objects.get(pk=batch.pk).state == "undone"
    assert Trail.objects.get(verb="batch.undo").detail["why"] == "整份文件的日期填错了"


@pytest.mark.parametrize("state", ["received", "checked", "failed", "dropped", "undone"])
def test_only_what_is_in_can_be_taken_back(office, mine, state):
    batch = mine(state)

    page = office.get(reverse("batch-undo", args=[batch.pk]), follow=True).content.decode()
    assert "只有已入库的批次可以撤回" in page
    office.post(reverse("batch-undo", args=[batch.pk]), {"reason": "整份文件的日期填错了"})

    assert Batch.objects.get(pk=batch.pk).state == state and not Batch.objects.filter(undoes=batch).exists()


# ---- Questions to the database -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_of_rows_takes_the_same_questions_however_many(desk, mine, count, django_assert_num_queries):
    batch = mine("applied", difference={**DIFFERENCE, "sample": DIFFERENCE["sample"] * count})
    set_aside(batch, count=count)

    # session, user with unit, savepoint, batch, trail, undone by, count, rows, city; session saved: 4 with its savepoint
    with django_assert_num_queries(13):
        desk.get(reverse("batch", args=[batch.pk]))


@pytest.mark.parametrize("count", [1, 25])
def test_a_page_of_batches_takes_the_same_questions_however_many(office, count, django_assert_num_queries):
    for _ in range(count):
        make_batch()

    with django_assert_num_queries(10):
        office.get(reverse("batches"))


def test_asking_how_far_it_is_takes_few_questions(desk, mine, django_assert_num_queries):
    batch = mine("received")

    with django_assert_num_queries(6):
        desk.get(reverse("batch-progress", args=[batch.pk]))


def test_every_state_and_way_has_its_word():
    assert all(batches.STATES.values()) and all(batches.WAYS.values())
