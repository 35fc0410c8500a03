"""ASCII replacements for Latin letters that Unicode does not decompose, such as l for ł. Used to sort and search."""

from __future__ import annotations

_LATIN = (
    "æae ðd øo þth đd ħh ıi ĸq łl ŋn œoe ŧt ƀb ƃb ƈc ƌd ƒf ƕhv ƙk ƚl ƞn ƣoi ƥp ƫt ƭt ƴy ƶz ǥg ȡd ȥz ȴl ȵn ȶt ȷj ȸdb ȹqp"
    " ȼc ȿs ɀz ɇe ɉj ɍr ɏy ɓb ɕc ɖd ɗd ɛe ɟj ɠg ɡg ɢg ɦh ɧh ɨi ɪi ɫl ɬl ɭl ɱm ɲn ɳn ɴn ɶoe ɼr ɽr ɾr ʀr ʂs ʈt ʉu ʋv ʏy ʐz"
    " ʑz ʙb ʛg ʜh ʝj ʟl ʠq ʣdz ʥdz ʦts ʪls ʫlz ᴀa ᴁae ᴃb ᴄc ᴅd ᴆd ᴇe ᴊj ᴋk ᴌl ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ᵫue ᵬb ᵭd ᵮf ᵯm ᵰn"
    " ᵱp ᵲr ᵳr ᵴs ᵵt ᵶz ᵺth ᵻi ᵽp ᵾu ᶀb ᶁd ᶂf ᶃg ᶄk ᶅl ᶆm ᶇn ᶈp ᶉr ᶊs ᶌv ᶍx ᶎz ᶏa ᶑd ᶒe ᶓe ᶖi ᶙu ẜs ẝs ỻll ỽv ỿy ⱡl ⱥa ⱦt"
    " ⱨh ⱪk ⱬz ⱱv ⱳw ⱴv ⱸe ⱺo ꜰf ꜱs ꜳaa ꜵao ꜷau ꜹav ꜻav ꜽay ꝁk ꝃk ꝅk ꝇl ꝉl ꝋo ꝍo ꝏoo ꝑp ꝓp ꝕp ꝗq ꝙq ꝟv ꝡvy ꝥth ꝧth ꝱd"
    " ꝲl ꝳm ꝴn ꝵr ꝶr ꝷt ꝺd ꝼf ꞇt ꞑn ꞓc ꞡg ꞣk ꞥn ꞧr ꞩs"
)
"""Entries of a Latin letter followed by the ASCII letters that replace it, such as `łl` and `æae`. Generated.

The Latin letters are the letters of Unicode 17 that are not ASCII after decomposition and case folding. The ASCII
letters are those of CLDR 48's transform Latin-ASCII (ICU 78).
"""

_BESIDES = "əe ǝe ɔo"
"""Further entries, such as `əe`, by which `ə` is replaced by `e`.

The transform Latin-ASCII does not replace these Azerbaijani and West African letters.
"""

PLAIN = {ord(entry[0]): entry[1:] for entry in f"{_LATIN} {_BESIDES}".split()}
"""Maps the code point of each lower-case letter to the ASCII letters that replace it, for str.translate.

For example, `æ` becomes `ae`.
"""

PUNCTUATION = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02bb\u02b9\u2032\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043"), "-"),
}
"""The ASCII apostrophe or hyphen for each typographic apostrophe or hyphen, as a table for str.translate."""
