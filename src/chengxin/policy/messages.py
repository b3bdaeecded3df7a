"""Every sentence the platform says about a fault, in one table.

A message says what was found, what was expected and how to put it right (design.md section 6). `{label}`, `{limit}` and
`{other}` are filled when the policies are loaded; `{found}` and `{expected}` stay for the receipt.
"""

from __future__ import annotations

from chengxin.policy.messages_file import FILE_AND_REGISTER
from chengxin.policy.wording import Template

TEMPLATES: dict[str, Template] = {
    # -- presence --------------------------------------------------------------------------------------------------
    "required": Template(
        "reject", "form",
        "「{label}」没有填写；这一栏必须填写，请补上后重新报送。",
        "“{label}” is empty; this column must be filled in. Please add the value and report the row again.",
        "必须填写", "a value",
    ),
    "filler": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，这只是占位的字样，不是内容；这一栏必须填写，请写上真实内容。",
        "“{label}” holds “{found}”, which only fills the place; the column is required. Please write the real value.",
        "真实内容，不是「无」「/」「00000」一类占位字样", "a real value, not a filler such as 无, / or 00000",
    ),
    "filler-optional": Template(
        "warn", "form",
        "「{label}」写的是「{found}」，这只是占位的字样，按没有填写处理；没有内容时请留空。",
        "“{label}” holds “{found}”, which only fills the place, and is taken as empty. Please leave the cell empty instead.",
        "没有内容时留空", "an empty cell when there is nothing to say",
    ),
    "required_when": Template(
        "reject", "meaning",
        "「{label}」没有填写；本行的{other}写的是「{found}」，这种情况下这一栏必须填写，请补上。",
        "“{label}” is empty; with “{found}” as {other} the row must have it. Please add the value.",
        "本行必须填写", "a value in this row",
    ),
    "one_of_required": Template(
        "reject", "meaning",
        "{other} 都没有填写；至少要填写其中一栏，否则无法确定是谁的信息，请补上。",
        "{other} are all empty; at least one of them must be filled in. Please add one.",
        "至少填写其中一栏", "at least one of them",
    ),
    # -- text ------------------------------------------------------------------------------------------------------
    "length": Template(
        "reject", "form",
        "「{label}」超过 {limit} 个字，写的是「{found}」；请缩短到 {limit} 个字以内。",
        "“{label}” is longer than {limit} characters: “{found}”. Please shorten it.",
        "不超过 {limit} 个字", "at most {limit} characters",
    ),
    "min_length": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不足 {limit} 个字；请写完整。",
        "“{label}” holds “{found}”, which has fewer than {limit} characters. Please write it in full.",
        "不少于 {limit} 个字", "at least {limit} characters",
    ),
    "pattern": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，与规定的写法不符；请照「{other}」的样子书写。",
        "“{label}” holds “{found}”, which is not written as prescribed. Please write it like “{other}”.",
        "写法如：{other}", "written like: {other}",
    ),
    "name": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，里面没有文字，不像单位名称；请写登记证照上的全称。",
        "“{label}” holds “{found}”, which has no letters and is no name. Please write the full registered name.",
        "登记证照上的全称", "the full registered name",
    ),
    "person_name": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，里面没有文字，不像姓名；请写证件上的姓名。",
        "“{label}” holds “{found}”, which has no letters and is no name. Please write the name as in the document.",
        "证件上的姓名", "the name as in the document",
    ),
    "phone": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，不像电话号码；请写区号加号码，或 11 位手机号。",
        "“{label}” holds “{found}”, which is no telephone number. Please write area code and number, or a mobile number.",
        "区号加号码，或 11 位手机号", "area code and number, or a mobile number",
    ),
    "document_number": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，里面没有数字，不像文号；请照文书原样书写，例如「{other}」。",
        "“{label}” holds “{found}”, which has no digit and is no document number. Please copy it from the document.",
        "文书上的完整文号，例如「{other}」", "the full number of the document, such as “{other}”",
    ),
    # -- identifiers -----------------------------------------------------------------------------------------------
    "uscc": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是正确的统一社会信用代码；应为 18 位，且最后一位校验码要对得上，请与登记证照核对。",
        "“{label}” holds “{found}”, which is no valid unified social credit code: 18 characters with a right check character."
        " Please compare it with the certificate.",
        "18 位统一社会信用代码，校验码正确（GB 32100）", "a unified social credit code of 18 characters (GB 32100)",
    ),
    "subject_code": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是正确的统一社会信用代码，也不是 15 位或 13 位的旧注册号；请与登记证照核对。",
        "“{label}” holds “{found}”: neither a valid unified social credit code nor an old registration number of 15 or 13"
        " digits. Please compare it with the certificate.",
        "18 位统一社会信用代码（GB 32100），老主体可用 15 位或 13 位注册号",
        "a unified social credit code of 18 characters, or an old registration number of 15 or 13 digits",
    ),
    "inner": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，其中第 9 至 17 位的组织机构代码校验位不对，可能有一位抄错；请与登记证照核对后确认或更正。",
        "“{label}” holds “{found}”: the organisation code in its positions 9 to 17 has a wrong check character, so one"
        " character may be miscopied. Please compare it with the certificate and confirm or correct it.",
        "内含的组织机构代码校验位正确（GB 11714）", "a right check character in the embedded organisation code (GB 11714)",
    ),
    "legacy": Template(
        "warn", "form",
        "「{label}」写的是旧注册号「{found}」，已按旧注册号收下；如主体已换发统一社会信用代码，请改报 18 位代码。",
        "“{label}” holds the old registration number “{found}”; it is kept as such. If the subject has a unified social"
        " credit code by now, please report that.",
        "18 位统一社会信用代码", "a unified social credit code of 18 characters",
    ),
    "legacy-check": Template(
        "doubt", "form",
        "「{label}」写的是旧注册号「{found}」，它的最后一位校验码不对，可能有一位抄错；请与旧营业执照核对后确认或更正。",
        "“{label}” holds the old registration number “{found}”, whose check digit is wrong. Please compare it with the old"
        " licence and confirm or correct it.",
        "校验码正确的 15 位注册号", "a registration number of 15 digits with a right check digit",
    ),
    "organisation_code": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是组织机构代码的写法；应为 8 位数字或大写字母加 1 位校验码，请核对。",
        "“{label}” holds “{found}”, which is not written like an organisation code: 8 characters and a check character."
        " Please check it.",
        "8 位加 1 位校验码（GB 11714）", "8 characters and a check character (GB 11714)",
    ),
    "check": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，最后一位校验码不对，可能有一位抄错；请与原证照核对后确认或更正。",
        "“{label}” holds “{found}”, whose check character is wrong, so one character may be miscopied. Please compare it"
        " with the certificate and confirm or correct it.",
        "校验码正确的号码", "a number with a right check character",
    ),
    "registration_number": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，不是 15 位（校验码正确）或 13 位的注册号；请与营业执照核对后确认或更正。",
        "“{label}” holds “{found}”, which is no registration number of 15 digits (with a right check digit) or 13 digits."
        " Please compare it with the licence and confirm or correct it.",
        "15 位或 13 位注册号", "a registration number of 15 or 13 digits",
    ),
    "tax_number": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是正确的纳税人识别号；应为 18 位统一社会信用代码或 15 位旧税号，请与税务登记核对。",
        "“{label}” holds “{found}”, which is no valid taxpayer number: the 18-character code or the old one of 15 characters."
        " Please compare it with the tax registration.",
        "18 位统一社会信用代码或 15 位旧税号", "the 18-character code or an old taxpayer number of 15 characters",
    ),
    "citizen_id": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是正确的公民身份号码；应为 18 位，出生日期和校验码都要对得上，请与证件核对。",
        "“{label}” holds “{found}”, which is no valid citizen identity number: 18 characters, a real birth date, a right"
        " check character. Please compare it with the document.",
        "18 位公民身份号码（GB 11643）", "a citizen identity number of 18 characters (GB 11643)",
    ),
    # -- dates and numbers -----------------------------------------------------------------------------------------
    "date": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，读不成一个日期；请写成 2026-03-01 的样子，并确认这一天存在。",
        "“{label}” holds “{found}”, which is no date. Please write it like 2026-03-01, and make sure the day exists.",
        "日期，写成 2026-03-01", "a date written like 2026-03-01",
    ),
    "not_future": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，晚于报送的这一天；已经发生的事不会在将来，请核对年份和月份。",
        "“{label}” holds “{found}”, which is later than the day of reporting. Please check the year and the month.",
        "不晚于报送日", "not later than the day of reporting",
    ),
    "not_before": Template(
        "reject", "meaning",
        "「{label}」早于「{other}」（{found}）；请核对这两个日期。",
        "“{label}” is earlier than “{other}” ({found}). Please check the two dates.",
        "不早于「{other}」", "not earlier than “{other}”",
    ),
    "amount": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，读不成一个金额；请只写数字，单位为{limit}，不要写「约」或其他文字。",
        "“{label}” holds “{found}”, which cannot be read as an amount. Please write a number only, in {limit}.",
        "数字，单位为{limit}", "a number in {limit}",
    ),
    "precision": Template(
        "doubt", "form",
        "「{label}」写的是「{found}」，折合不到整分；请核对金额和单位（{limit}）。",
        "“{label}” holds “{found}”, which is no whole number of fen. Please check the amount and its unit ({limit}).",
        "精确到分", "exact to the fen",
    ),
    "integer": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是整数；请只写数字，不要写小数或单位。",
        "“{label}” holds “{found}”, which is no whole number. Please write digits only.",
        "整数", "a whole number",
    ),
    "year": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，不是年份；请写四位数字，例如 2026。",
        "“{label}” holds “{found}”, which is no year. Please write four digits, such as 2026.",
        "四位数字的年份", "a year of four digits",
    ),
    "min": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，小于 {limit}；请核对数值和单位。",
        "“{label}” holds “{found}”, which is less than {limit}. Please check the number and its unit.",
        "不小于 {limit}", "at least {limit}",
    ),
    "max": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，大于 {limit}；请核对数值和单位。",
        "“{label}” holds “{found}”, which is more than {limit}. Please check the number and its unit.",
        "不大于 {limit}", "at most {limit}",
    ),
    # -- codes -----------------------------------------------------------------------------------------------------
    "codes": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，代码表「{other}」里没有这一项；请从表中选择：{limit}。",
        "“{label}” holds “{found}”, which is not in the code table “{other}”. Please choose one of: {limit}.",
        "代码表「{other}」中的一项：{limit}", "one of the code table “{other}”: {limit}",
    ),
    "code_set": Template(
        "reject", "form",
        "「{label}」写的是「{found}」，其中有代码表「{other}」里没有的项；请从表中选择，多项之间用「、」隔开：{limit}。",
        "“{label}” holds “{found}”, and not all of it is in the code table “{other}”. Please choose from it and separate"
        " several values by 、: {limit}.",
        "代码表「{other}」中的一项或几项：{limit}", "one or more of the code table “{other}”: {limit}",
    ),
    **FILE_AND_REGISTER,
}  # fmt: skip

SUBJECT_WORDS: dict[str, tuple[str, str]] = {
    "organisation": ("法人和非法人组织", "organisations"),
    "individual_business": ("个体工商户", "individual businesses"),
    "natural_person": ("自然人", "natural persons"),
}
UNITS: dict[str, tuple[str, str]] = {"yuan": ("元", "yuan"), "wan": ("万元", "10,000 yuan (万元)")}
