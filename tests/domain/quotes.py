"""Replies as mail programs write them in 26 languages: an answer on top, a line or a block over the quote, the quote.

The lines over quotes are those of Gmail, Apple Mail, Thunderbird and Outlook in the language's own edition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WHO = "Races <r+k3j4h5@replies.example.org>"


@dataclass(frozen=True)
class Case:
    """One reply: what the person wrote, the whole text, and what we had sent."""

    language: str
    answer: str
    text: str
    sent: str


LINES = {
    "en": [
        f"On Mon, May 4, 2026 at 10:00 AM {WHO} wrote:",
        f"On May 4, 2026, at 10:00 AM, {WHO} wrote:",
        "On 5/4/26 10:00 AM, Races wrote:",
        "---- On Mon, 04 May 2026 10:00:00 +0000 Races wrote ----",
    ],
    "de": [
        f"Am Mo., 4. Mai 2026 um 10:00 Uhr schrieb {WHO}:",
        f"Am 04.05.2026 um 10:00 schrieb {WHO}:",
        "Am 04.05.26 um 10:00 schrieb Races:",
    ],
    "fr": [f"Le lun. 4 mai 2026 à 10:00, {WHO} a écrit :", "Le 04/05/2026 à 10:00, Races a écrit :"],
    "es": [f"El lun, 4 may 2026 a las 10:00, {WHO} escribió:", "El 4/5/26 a las 10:00, Races escribió:"],
    "pt": [f"Em seg., 4 de mai. de 2026 às 10:00, {WHO} escreveu:", "Em 04/05/2026 10:00, Races escreveu:"],
    "it": [f"Il giorno lun 4 mag 2026 alle ore 10:00 {WHO} ha scritto:", "Il 04/05/26 10:00, Races ha scritto:"],
    "nl": [f"Op ma 4 mei 2026 om 10:00 schreef {WHO}:", "Op 04-05-2026 om 10:00 schreef Races:"],
    "sv": [f"Den mån 4 maj 2026 kl 10:00 skrev {WHO}:", "Den 2026-05-04 kl. 10:00, skrev Races:"],
    "da": [f"Den man. 4. maj 2026 kl. 10.00 skrev {WHO}:", "Den 04.05.2026 kl. 10.00 skrev Races:"],
    "no": [f"man. 4. mai 2026 kl. 10:00 skrev {WHO}:", "Den 04.05.2026 10:00, skrev Races:"],
    "pl": [f"pon., 4 maj 2026 o 10:00 {WHO} napisał(a):", "W dniu 4.05.2026 o 10:00, Races pisze:"],
    "cs": [f"po 4. 5. 2026 v 10:00 odesílatel {WHO} napsal:", "Dne 04. 05. 26 v 10:00 Races napsal(a):"],
    "ru": [
        f"пн, 4 мая 2026 г. в 10:00, {WHO}:",
        f"4 мая 2026 г., в 10:00, {WHO} написал(а):",
        "04.05.2026 10:00, Races пишет:",
        "Понедельник, 4 мая 2026, 10:00 +03:00 от Races:",
    ],
    "uk": [f"пн, 4 трав. 2026 р. о 10:00 {WHO} пише:", "04.05.2026 10:00, Races пише:"],
    "el": [f"Στις Δευ 4 Μαΐ 2026 στις 10:00 π.μ., ο χρήστης {WHO} έγραψε:", "Στις 4/5/2026 10:00 π.μ., Races έγραψε:"],
    "tr": [
        f"{WHO}, 4 May 2026 Pzt, 10:00 tarihinde şunu yazdı:",
        f"{WHO} şunları yazdı (4 May 2026 10:00):",
        "4.05.2026 10:00 tarihinde Races yazdı:",
    ],
    "he": [
        "\u202bבתאריך יום ב׳, 4 במאי 2026 ב-10:00 מאת \u202aRaces\u202c\u200f "
        "<\u202ar+k3j4h5@replies.example.org\u202c\u200f>:\u202c",
        "\u200fב-4 במאי 2026, בשעה 10:00, \u200fRaces <r+k3j4h5@replies.example.org> כתב/ה:",
        "\u200fב-04/05/2026 10:00, Races כתב:",
    ],
    "ar": [
        f"في الاثنين، ٤ مايو ٢٠٢٦ في ١٠:٠٠ ص تمت كتابة ما يلي بواسطة {WHO}:",
        f"في ٤ مايو ٢٠٢٦، الساعة ١٠:٠٠ ص، كتب {WHO}:",
        "في ٤/٥/٢٠٢٦ ١٠:٠٠ ص، كتب Races:",
    ],
    "zh-CN": [
        f"{WHO} 于2026年5月4日周一 10:00写道：",
        f"2026年5月4日 10:00，{WHO} 写道：",
        "在 2026/5/4 10:00, Races 写道:",
        '在 2026-05-04 10:00:00，"Races" 写道：',
    ],
    "zh-TW": [f"{WHO} 於 2026年5月4日 週一 上午10:00寫道：", "Races 於 2026/5/4 上午 10:00 寫道:"],
    "ja": [
        f"2026年5月4日(月) 10:00 {WHO}:",
        f"2026/05/04 10:00、{WHO}のメール:",
        "2026/05/04 10:00、Racesさんは書きました:",
    ],
    "ko": [f"2026년 5월 4일 (월) 오전 10:00, {WHO}님이 작성:", "2026-05-04 오전 10:00에 Races 이(가) 쓴 글:"],
    "vi": [f"Vào Th 2, 4 thg 5, 2026 vào lúc 10:00 {WHO} đã viết:", "Vào 04/05/2026 10:00, Races đã viết:"],
    "fi": [f"ma 4. toukok. 2026 klo 10.00 {WHO} kirjoitti:", "Races kirjoitti 4.5.2026 klo 10.00:"],
    "hu": [f"{WHO} ezt írta (időpont: 2026. máj. 4., H, 10:00):", "2026. 05. 04. 10:00 keltezéssel, Races írta:"],
    "ro": [f"În lun., 4 mai 2026 la 10:00, {WHO} a scris:", "La 04.05.2026 10:00, Races a scris:"],
}

BLOCKS = {
    "en": "From Sent To Subject",
    "de": "Von Gesendet An Betreff",
    "fr": "De Envoyé À Objet",
    "es": "De Enviado Para Asunto",
    "pt": "De Enviada Para Assunto",
    "it": "Da Inviato A Oggetto",
    "nl": "Van Verzonden Aan Onderwerp",
    "sv": "Från Skickat Till Ämne",
    "da": "Fra Sendt Til Emne",
    "no": "Fra Dato Til Emne",
    "pl": "Od Wysłano Do Temat",
    "cs": "Od Odesláno Komu Předmět",
    "ru": "От Отправлено Кому Тема",
    "uk": "Від Надіслано Кому Тема",
    "el": "Από Στάλθηκε Προς Θέμα",
    "tr": "Gönderen Gönderildi Kime Konu",
    "he": "מאת נשלח אל נושא",
    "ar": "من التاريخ إلى الموضوع",
    "zh-CN": "发件人 发送时间 收件人 主题",
    "zh-TW": "寄件者 寄件日期 收件者 主旨",
    "ja": "差出人 送信日時 宛先 件名",
    "ko": "보낸_사람 보낸_날짜 받는_사람 제목",
    "vi": "Từ Đã_gửi Đến Chủ_đề",
    "fi": "Lähettäjä Lähetetty Vastaanottaja Aihe",
    "hu": "Feladó Elküldve Címzett Tárgy",
    "ro": "De_la Trimis Către Subiect",
}

ANSWERS = {
    "en": ["Yes, Friday works", "- No\n- 4pm is better: 16:00", "On Monday I can, at 10:00 or 11:00:\n10 is better"],
    "de": ["Ja, passt", "Am 4. Mai um 10:00 kann ich nicht.\n\nGruß\nAna"],
    "fr": ["Oui, d'accord", "Je préfère le 5 mai à 11:00 : merci"],
    "es": ["Sí, puedo", "El martes a las 10:00: perfecto"],
    "pt": ["Sim, pode ser", "Prefiro na terça, às 11:00"],
    "it": ["Sì, va bene", "Meglio alle 11:00, grazie"],
    "nl": ["Ja, prima", "Liever om 11:00"],
    "sv": ["Ja, det går bra", "Hellre kl 11:00"],
    "da": ["Ja tak", "Hellere kl. 11.00"],
    "no": ["Ja, det passer", "Helst kl. 11:00"],
    "pl": ["Tak, pasuje", "Wolę o 11:00"],
    "cs": ["Ano, přijdu", "Raději v 11:00"],
    "ru": ["Да, приду", "Лучше 5 мая в 11:00"],
    "uk": ["Так, буду", "Краще об 11:00"],
    "el": ["Ναι, εντάξει", "Καλύτερα στις 11:00"],
    "tr": ["Evet, uygun", "5 Mayıs 11:00 daha iyi"],
    "he": ["כן, מתאים לי", "עדיף ב-11:00, תודה"],
    "ar": ["نعم، موافق", "الساعة ١١:٠٠ أفضل"],
    "zh-CN": ["可以", "改到11:00：谢谢"],
    "zh-TW": ["可以", "改到11:00：謝謝"],
    "ja": ["はい、大丈夫です", "11:00の方がいいです"],
    "ko": ["네, 괜찮아요", "11:00이 더 좋아요"],
    "vi": ["Vâng, được", "11:00 thì tốt hơn"],
    "fi": ["Kyllä, sopii", "Mieluummin klo 11.00"],
    "hu": ["Igen, jó", "Inkább 11:00"],
    "ro": ["Da, pot", "Mai bine la 11:00"],
}

SENT = "Hello Ana,\n\nYour start time is 09:40.\n\nCould you please confirm?\nJust reply yes or no.\n\nThank you!"
"""What we sent; its language makes no difference to any rule."""

MARKED = "\n".join(f"> {line}".rstrip() for line in SENT.split("\n"))


def block(language: str) -> str:
    """Outlook's labels over a quote."""
    labels = [label.replace("_", " ") for label in BLOCKS[language].split()]
    values = (WHO, "04.05.2026 10:00", "Ana", "Start")
    return "\n".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))


def wrapped(line: str) -> str:
    """As programs break it that write no line beyond 76 characters: before the address."""
    return line.replace(" <", "\n<", 1)


def cases(language: str) -> Iterator[Case]:
    """Every way to say it."""
    for answer in ANSWERS[language]:
        lines = LINES[language]
        for head in dict.fromkeys([*lines, *map(wrapped, lines)]):
            for quote in (MARKED, SENT):
                yield Case(language, answer, f"{answer}\n\n{head}\n\n{quote}\n", SENT)
        for head in (block(language), f"{'_' * 32}\n{block(language)}"):
            yield Case(language, answer, f"{answer}\n\n{head}\n\n{SENT}\n", SENT)


def leaked(visible: str) -> bool:
    """Whether words of ours, or the line over them, are taken for the person's."""
    words = ("start time", "Hello Ana", "Just reply", "Races", "replies.example.org")
    return any(word in visible for word in words)


LOOKALIKES = [
    "Yes, Friday works",
    "- Yes, Friday works",
    "Thanks, but please move it to 4pm",
    "On Monday I can, at 10:00 or 11:00:\n10 is better",
    "I can come at these times on 4 May 2026:\n10:00\n11:30",
    "Mon 4 May 2026, 10:00:\nyes\nTue 5 May 2026, 11:00:\nno",
    "As Bo wrote:\nwe come on Friday",
    "From: Friday\nTo: Sunday",
    "Name: Ana\nPhone: 030 123456\nMail: ana@example.org\nDate: 4 May 2026",
    "Write to ana.private@example.org on 4 May:\nI am away then",
    "I prefer > 10:00",
    "5 > 3, so the 5th",
    "-- \nYes",
    "Ja.\n\n--\nAna Souza\nVertrieb\nMo-Fr 9:00-17:00",
    "Das schrieb mir Bo am 4.5.2026:\n„wir kommen“",
    "2026-05-04 10:00: yes",
    "Re: your question:\nyes",
    "Um 10:00 Uhr:\nja",
    "от меня: да",
    "من فضلك: نعم",
    "差出人: 花子です、はい",
    "De la mine: da",
    "Từ Hà Nội: vâng",
    "___\nYes",
    "Sent: yes\nSubject: none",
]
"""What people write that looks like the head of a quote."""


PROGRAMS = {
    "ru": "\n\nср, 30 апр. 2025 г. в 15:19, John Doe <r@x.example>:\n\nпривет",
    "da": (
        "\n\n-------- Oprindelig besked --------\nFra: A B C <r@x.example>\n"
        "Dato: 04.07.2024  17.45  (GMT+01:00)\nTil: ana@x.example\n"
        "Emne: Abc has sent you a message! "
    ),
    "de": (
        "\n\nAm Mi., 5. Feb. 2020 um 17:58 Uhr schrieb Company Questions\n<r@x.example>:\n\n"
        "> Was this\n>\n> ---\n> Reply"
    ),
    "zoho": "\n\n---- On Wed, 24 Feb 2021 14:02:50 +0530 john@x.example wrote ----\n\nJava sucks",
    "msn": (
        "\n________________________________\nFrom: Races <r@x.example>\n"
        "Sent: Wednesday, September 25, 2019 5:45 PM\nTo: ana@msn.example <ana@msn.example>\n"
        "Subject: Your\n\nHi Kevin"
    ),
    "split": ("\n\nAa Bb Cc <r@x.example> schrieb am So., 23.\nJuni 2024, 21:08:\n\n> Hi CBA!\n>\n> ABC has sent"),
    "split-bare": "\n\nAa Bb Cc <r@x.example> schrieb am So., 23.\nJuni 2024, 21:08:\n\nHi CBA!\n\nABC has sent",
    "orig": (
        "\n\n-----Original Message-----\nFrom: sender@example.com\n"
        "Sent: Monday, December 15, 2024 3:00 PM\nTo: r@example.com\nSubject: RE: Test\n\n"
        "This is the"
    ),
    "fi": "\n\npe 20. lokakuuta 2017 klo 17.50 John Coe\n<r@x.example> kirjoitti:\n\nThanks!",
    "three": (
        "\n\nOn Tue, Apr 29, 2014 at 4:22 PM, Example Dev Really Long Name Of Company Inc\n"
        "<r@x.example>\nwrote:\n\nhallo"
    ),
    "yahoo": "\n\nOn Friday, January 22, 2021, 12:46:27 PM GMT+1, A B <r@x.example> wrote: \n\nhi there",
    "yahoo-fr": "\n\nLe vendredi 22 janvier 2021 à 12:46:27 UTC+1, A B <r@x.example> a écrit :\n\nbonjour",
    "qq": (
        '\n\n------------------ 原始邮件 ------------------\n发件人: "Races" <r@x.example>;\n'
        '发送时间: 2026年5月4日(星期一) 上午10:00\n收件人: "Ana"<ana@qq.example>;\n主题: Start\n\nhello'
    ),
    "163": '\n\nAt 2026-05-04 10:00:00, "Races" <r@x.example> wrote:\n>hello\n>there',
    "163zh": '\n\n在 2026-05-04 10:00:00，"Races" <r@x.example> 写道：\n\nhello',
    "naver": (
        "\n\n-----Original Message-----\n보낸사람: Races <r@x.example>\n받는사람: Ana\n날짜: 2026. 5. 4\n"
        "제목: Start\n\nhello"
    ),
    "gmx": (
        '\n\nGesendet: Montag, 04. Mai 2026 um 10:00 Uhr\nVon: "Races" <r@x.example>\n'
        "An: ana@gmx.example\nBetreff: Start\n\nhello"
    ),
    "web.de": '\n\nAm 4. Mai 2026, um 10:00, "Races" <r@x.example> schrieb:\n\nhello',
    "tonline": (
        "\n\n-----Original-Nachricht-----\nBetreff: Start\nDatum: 2026-05-04T10:00:00+0200\n"
        'Von: "Races" <r@x.example>\nAn: "ana@t-online.example"\n\nhello'
    ),
    "samsung": (
        "\n\n-------- Ursprüngliche Nachricht --------\nVon: Races <r@x.example>\n"
        "Datum: 04.05.26 10:00 (GMT+01:00)\nAn: ana\nBetreff: Start\n\nhello"
    ),
    "libero": "\n\nIl 04/05/2026 10:00 Races <r@x.example> ha scritto:\n\n \nhello",
    "orange": (
        '\n\n> Message du 04/05/26 10:00\n> De : "Races" <r@x.example>\n> A : ana\n> Objet : Start\n> \n> hello'
    ),
    "mailru": "\n\nПонедельник, 4 мая 2026, 10:00 +03:00 от Races <r@x.example>:\n\nhello",
    "yandex": '\n\n04.05.2026, 10:00, "Races" <r@x.example>:\n\nhello',
    "wp": "\n\nDnia 4 maja 2026 10:00 Races <r@x.example> napisał(a):\n\nhello",
    "seznam": (
        "\n\n---------- Původní e-mail ----------\nOd: Races <r@x.example>\nKomu: ana\n"
        "Datum: 4. 5. 2026 10:00:00\nPředmět: Start\nhello"
    ),
    "bold": ("\n\n*From:* Races <r@x.example>\n*Sent:* Monday, 4 May 2026 10:00\n*To:* Ana\n*Subject:* Start\n\nhello"),
    "hey": "\n\nOn May 4, 2026, Races <r@x.example> wrote:\n> hello",
}
"""What programs of one country, and the odder ones of all, put under an answer."""
