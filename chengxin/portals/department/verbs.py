"""What the trail's verbs are called on the office's pages. A test asks for each verb that the code writes."""

from __future__ import annotations

from typing import Final

VERBS: Final = {
    "sign-in": "登录",
    "sign-out": "退出",
    "password.change": "更改密码",
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
    "city.describe": "更改本市设置",
    "intake": "归集",
    "intake.match": "自动匹配",
    "batch.see": "查看批次",
    "batch.feedback": "下载反馈文件",
    "file.look": "查看档案",
    "looks.see": "查看查询日志",
    "code.issue": "签发诚信码",
    "code.print": "印制诚信码",
    "code.withdraw": "注销诚信码",
    "code.activate": "诚信码生效",
    "code.pause": "暂停展示",
    "code.resume": "恢复展示",
    "code.freeze": "冻结诚信码",
    "code.unfreeze": "解除冻结",
    "code.supersede": "换发诚信码",
    "code.cancel": "注销一个码",
    "key.rotate": "更换钥匙",
    "key.revoke": "作废钥匙",
    "fake.see": "查看举报",
    "fake.photo": "查看举报的照片",
    "fake.handle": "处理举报",
    "fake.forget": "销毁举报的照片和位置",
}


def verb_label(verb: str) -> str:
    """Return what a verb is called; one that is on no list any more stands as it is."""
    return VERBS.get(verb, verb)
