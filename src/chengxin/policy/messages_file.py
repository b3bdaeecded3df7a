"""The sentences about a whole file and about what the register already holds; part of `messages.TEMPLATES`."""

from __future__ import annotations

from chengxin.policy.wording import Template

FILE_AND_REGISTER: dict[str, Template] = {
    # -- the file (run by collection) ------------------------------------------------------------------------------
    "key.duplicate": Template(
        "doubt", "file",
        "同一份文件里，{other} 相同的行不止一行（「{found}」），内容却不一样；请确认哪一行是对的，或补正文号。",
        "Several rows of this file have the same {other} (“{found}”) but differ elsewhere. Please say which one is right, or"
        " correct the number.",
        "{other} 在一份文件里只出现一次", "{other} only once in a file",
    ),
    "row.repeated": Template(
        "warn", "file",
        "这一行与前面的一行完全相同（「{found}」），只收一次；请检查导出时是否重复。",
        "This row is the same as an earlier one (“{found}”) and is taken once. Please check whether the export repeats rows.",
        "每条信息只报一行", "one row for each record",
    ),
    "column.unknown": Template(
        "warn", "file",
        "表头「{found}」不是本目录项的栏目，这一栏没有收；最接近的栏目是：{expected}。就是它的请改成这个写法，不是的不必处理。",
        "The heading “{found}” is no column of this item, and the column was not taken in. The nearest column is: {expected}."
        " If that is what you mean, please write it so; otherwise nothing has to be done.",
        "本目录项的栏目名、代码或别名", "a label, code or alias of this item",
    ),
    "column.missing": Template(
        "reject", "file",
        "表头里没有「{expected}」，而这一栏必须有；请加上这一栏，或照模板核对表头。",
        "There is no column “{expected}”, which is required. Please add it, or compare the headings with the template.",
        "所有必填栏目都在表头里", "all required columns in the header",
    ),
    "column.dropped": Template(
        "warn", "file",
        "表头「{found}」认得，但按最小必要的原则不收，整栏已经丢弃、没有保存；下次请不要报送这一栏。",
        "The column “{found}” is known but, to keep personal data to the minimum, not taken in: it was dropped and not stored."
        " Please leave it out next time.",
        "不报送不必要的个人信息", "no personal data that is not needed",
    ),
    "column.doubled": Template(
        "warn", "file",
        "表头「{found}」与另一栏是同一个栏目，只收前面的一栏；请删去多余的一栏。",
        "The heading “{found}” means the same as an earlier column; only the earlier one was taken. Please remove one.",
        "每个栏目只有一栏", "each column once",
    ),
    # -- the register (run by collection) --------------------------------------------------------------------------
    "subject.unknown": Template(
        "warn", "register",
        "登记库里还没有代码为「{found}」的主体；信息照收，主体先记为待核实。请确认代码无误，并请登记机关报送该主体的登记信息。",
        "The register has no subject with the code “{found}” yet; the row is taken and the subject stays provisional. Please"
        " make sure that the code is right and have the subject's registration reported.",
        "登记库里已有的主体", "a subject known to the register",
    ),
    "subject.name-contradicts": Template(
        "doubt", "register",
        "名称「{found}」与该代码在登记库里的名称「{expected}」不一致；请核对名称和代码，若主体已更名请写更名后的名称并说明。",
        "The name “{found}” differs from “{expected}”, which the register has for this code. Please check both; if the name"
        " was changed, write the new one and say so.",
        "{expected}", "{expected}",
    ),
    "subject.kind": Template(
        "reject", "meaning",
        "这一行的主体类别是「{found}」，本目录项只收{other}的信息；请改用相应的目录项报送，或更正主体类别。",
        "This row is about a subject of the kind “{found}”, but this item takes only {other}. Please report it under the item"
        " meant for it, or correct the kind.",
        "{other}", "{other}",
    ),
    "subject.minor": Template(
        "reject", "meaning",
        "这一行是未满 {limit} 周岁的人的信息，依法不予归集，请不要报送；误报的原件请一并更正。",
        "This row is about somebody younger than {limit}. Such information is not collected by law: please do not report it.",
        "年满 {limit} 周岁", "{limit} years or older",
    ),
    "key.other-source": Template(
        "doubt", "register",
        "{other} 为「{found}」的信息已由「{expected}」报送过；谁产生谁负责，请与该单位核实，由一家报送。",
        "A record with the same {other} (“{found}”) was already reported by “{expected}”. Who produces it is responsible:"
        " please settle with that unit who reports it.",
        "一条信息只有一个来源", "one source for one record",
    ),
    "source.late": Template(
        "warn", "meaning",
        "「{label}」为「{found}」，到报送这一天已超过 {limit} 个工作日；信息照收，但计入迟报，请今后在 {limit} 个工作日内报送。",
        "“{label}” is {found}, more than {limit} working days before the day of reporting. The row is taken but counted as"
        " late; please report within {limit} working days.",
        "作出之日起 {limit} 个工作日内报送", "reported within {limit} working days",
    ),
}  # fmt: skip
