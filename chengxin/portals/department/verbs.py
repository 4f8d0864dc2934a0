"""What the trail's verbs, things and details are called on the office's pages. Its file has them as they were noted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from chengxin.ingest.batches import WAYS
from chengxin.people.roles import ROLES
from chengxin.portals.department.words import kind_label

VERBS: Final = {
    "sign-in": "登录",
    "sign-out": "退出",
    "password.change": "更改密码",
    "phone.change": "更换登录号码",
    "phone.move": "为经营者更换登录号码",
    "phone.lose": "登录号码归了别人",
    "passkey.add": "设通行密钥",
    "passkey.remove": "删去通行密钥",
    "sessions.end": "退出别处的登录",
    "licence.link": "关联外部登录",
    "licence.unlink": "解除外部登录",
    "password.link": "发出重设密码的链接",
    "password.reset": "凭链接重设密码",
    "invitation.make": "发出邀请",
    "invitation.accept": "接受邀请",
    "invitation.end": "收回链接",
    "keeper.make": "建立系统管理员",
    "keeper.reset": "重设系统管理员",
    "account.make": "开立账号",
    "account.change": "更改账号",
    "account.close": "停用账号",
    "account.reopen": "重新启用账号",
    "unit.add": "新增单位",
    "unit.change": "更改单位",
    "unit.close": "停用单位",
    "unit.reopen": "重新启用单位",
    "unit.import": "导入单位名录",
    "trail.export": "导出留痕",
    "proof.see": "查看证明材料",
    "proof.forget": "销毁到期的证明材料",
    "binding.ask": "申请绑定",
    "binding.accept": "通过绑定",
    "binding.refuse": "不通过绑定",
    "binding.appeal": "对绑定申诉",
    "binding.end": "结束绑定",
    "binding.invite": "邀请加入",
    "binding.invite-end": "收回店内邀请",
    "binding.join": "接受店内邀请",
    "binding.hand-over": "移交",
    "binding.doubt": "绑定待重新核实",
    "binding.show": "重新交证照",
    "binding.assure": "证明是本人，恢复绑定",
    "newcomer.ask": "登记新主体",
    "newcomer.see": "查看新主体",
    "newcomer.correct": "改正新主体的填写",
    "newcomer.accept": "通过新主体",
    "newcomer.refuse": "不通过新主体",
    "newcomer.appeal": "对新主体申诉",
    "city.describe": "更改本市设置",
    "intake": "归集",
    "intake.match": "自动匹配",
    "batch.receive": "收到一批",
    "batch.confirm": "确认一批",
    "batch.drop": "放弃一批",
    "batch.undo": "撤回一批",
    "batch.fail": "一批未能读取",
    "batch.original": "下载原文件",
    "batch.see": "查看批次",
    "batch.feedback": "下载反馈文件",
    "queue.see": "查看待匹配",
    "queue.decide": "判定待匹配的行",
    "area.assign": "指定管辖区",
    "area.read": "按住所归入管辖区",
    "quality.export": "导出质量月报",
    "zero.report": "零报告",
    "file.look": "查看档案",
    "looks.see": "查看查询日志",
    "client.add": "开立接口账号",
    "client.first": "接口账号首次使用",
    "client.revoke": "收回接口账号",
    "code.issue": "签发诚信码",
    "code.print": "印制诚信码",
    "code.place": "登记放置处",
    "code.rehang": "修改放置处",
    "code.end": "停用放置处的码",
    "print.ask": "提交印制任务",
    "code.withdraw": "注销诚信码",
    "code.activate": "诚信码生效",
    "code.pause": "暂停展示",
    "code.resume": "恢复展示",
    "code.freeze": "冻结诚信码",
    "code.unfreeze": "解除冻结",
    "code.supersede": "换发诚信码",
    "code.cancel": "注销一个码",
    "showing.send": "上传亮码照片",
    "showing.decide": "核实亮码照片",
    "code.give": "批量签发",
    "code.take-back": "撤回批量签发",
    "code.plead": "对冻结说明情况",
    "code.answer": "答复对冻结的说明",
    "subject.succeed": "登记接续",
    "key.rotate": "更换钥匙",
    "key.revoke": "作废钥匙",
    "commitment.sign": "签署承诺",
    "commitment.end": "终止承诺",
    "commitment.answer": "对履行认定作说明",
    "commitment.judge": "认定承诺履行",
    "commitment.accept": "录入承诺",
    "application.send": "提交申请",
    "application.decide": "办理申请",
    "application.appeal": "申诉",
    "application.withdraw": "撤回申请",
    "application.see": "查看申请",
    "application.forget": "删除到期申请的联系方式",
    "application.contact": "查看申请的联系电话",
    "fake.see": "查看举报",
    "fake.photo": "查看举报的照片",
    "fake.handle": "处理举报",
    "fake.forget": "销毁举报的照片和位置",
}


def verb_label(verb: str) -> str:
    """Return what a verb is called; one that is on no list any more stands as it is."""
    return VERBS.get(verb, verb)


THINGS: Final = {
    "batch": "批次",
    "row": "待匹配的行",
    "decision": "认定",
    "subject": "主体",
    "unit": "单位",
    "user": "账号",
    "client": "接口账号",
    "invitation": "链接",
    "application": "申请",
    "fake": "举报",
    "code": "诚信码",
    "giving": "批量签发的名单",
    "codes": "诚信码",
    "showing": "亮码照片",
    "key": "钥匙",
    "month": "月份",
    "office": "信用办端",
    "enterprise": "经营主体端",
    "looks": "查询日志",
    "trail": "留痕",
    "city": "本市设置",
    "units": "单位名录",
    "addresses": "全部住所",
    "waiting": "待匹配的行",
    "proof": "证明材料",
    "binding": "绑定",
    "call": "店内邀请",
    "newcomer": "新主体",
}
_THING: Final = re.compile(r"([a-z]+)(?:[ :](.*))?", re.DOTALL)


def thing_label(thing: str) -> str:
    """Return what an act was done to in words: `batch 12` is 批次 12; what is on no list any more stands as it is."""
    if (found := _THING.fullmatch(thing)) is None or found[1] not in THINGS:
        return thing
    return f"{THINGS[found[1]]} {found[2] or ''}".strip() if thing != "waiting rows" else THINGS["waiting"]


DETAILS: Final = {
    "kind": "种类",
    "part": "部分",
    "way": "方式",
    "role": "角色",
    "unit": "单位",
    "user": "账号",
    "person": "账号",
    "by": "账号",
    "verb": "动作",
    "day": "日期",
    "from": "从",
    "to": "到",
    "subject": "主体",
    "name": "名称",
    "purpose": "用途",
    "why": "原因",
    "reason": "理由",
    "area": "管辖区",
    "month": "月份",
    "units": "单位数",
    "size": "字节",
    "sha256": "校验值",
    "rows": "行",
    "accepted": "接收",
    "changed": "更新",
    "unchanged": "未变",
    "rejected": "搁置",
    "waiting": "待匹配",
    "matched": "匹配",
    "taken": "入库",
    "refused": "退回",
    "undoes": "撤回的批次",
    "serials": "编号",
    "issued": "签发",
    "replaced": "换发",
    "key": "编号",
    "scopes": "权限",
    "provider": "外部登录",
    "password": "改密码",
    "page": "页",
    "state": "状态",
    "contested": "有争议",
    "appeal": "申诉",
    "alone": "没有另一位同事",
    "ended": "结束的账号",
    "commitments": "承诺",
    "number": "编号",
    "kept": "履行状态",
    "version": "版本",
    "place": "场所",
    "columns": "改动的项",
}
SIGN_IN_WAYS: Final = {"sms": "短信验证码", "password": "密码", "passkey": "通行密钥"}
_VALUES: Final[Mapping[str, Callable[[str], str]]] = {
    "kind": kind_label,
    "part": kind_label,
    "verb": verb_label,
    "way": lambda way: WAYS.get(way, SIGN_IN_WAYS.get(way, way)),
    "role": lambda role: ROLES[role].label if role in ROLES else role,
}
VALUE_LENGTH: Final = 40


def detail_label(name: str, value: object) -> str:
    """Return one detail of an act as a page has room for it; a name that is on no list stands as it is."""
    if isinstance(value, bool):
        said = "是" if value else "否"
    elif not isinstance(value, str):
        said = json.dumps(value, ensure_ascii=False)
    else:
        said = _VALUES[name](value) if name in _VALUES else value
    return f"{DETAILS.get(name, name)} {said if len(said) <= VALUE_LENGTH else said[:VALUE_LENGTH] + '…'}"
