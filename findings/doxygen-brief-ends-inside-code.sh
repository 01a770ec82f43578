#!/usr/bin/env bash
# Doxygen's JAVADOC_AUTOBRIEF ends the brief description inside of code, bold and italic, and warns of tags that nobody
# wrote.
#
# Guess: A sentence ends at a full stop of the text. What stands in `code` or in **bold** is one piece, which begins and
#   ends in the same description.
# What happens: Markdown becomes HTML tags first, and the text is cut after that, at any full stop and space. Of
#   "Returns `a. b` of both." the brief is "Returns a. " and the rest begins with "b of both." as plain text.
#   "**Range.** Values lie" is cut before </strong>. There are two warnings for each ("end of comment block while
#   expecting command </strong>", "found </strong> tag without matching <strong>"), which WARN_AS_ERROR makes errors.
#   With the stop behind the stars ("**Range**. Values lie") all is well.
# Versions: doxygen 1.9.4 (Debian 12)
# Why it matters: A paragraph that opens with a bold word and a full stop is usual Markdown, and the message names tags
#   that are not in the source.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs doxygen 1.9.4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
changed=0
show() {  # comment, expected brief and rest, stated, number of warnings stated
    printf '/// @file\n\n/** %s */\nint value(int x);\n' "$1" > value.h
    printf '%s=YES\n' JAVADOC_AUTOBRIEF GENERATE_XML QUIET > Doxyfile
    printf '%s=NO\n' GENERATE_HTML GENERATE_LATEX >> Doxyfile
    echo INPUT=value.h >> Doxyfile
    doxygen Doxyfile 2> warnings
    seen=$(sed -n '/<memberdef/,/<\/memberdef/s|^<para>\(.*[^ ]\) *</para>$|\1|p' xml/value_8h.xml |
        paste -sd'|' | sed 's,|, / ,')
    warnings=$({ grep -E 'end of comment block|without matching' warnings || true; } | sort -u | wc -l)
    printf '%s\n  expected: %s; 0 warnings\n  seen:     %s; %s warnings\n' "$1" "$2" "$seen" "$warnings"
    [ "$seen; $warnings" = "$3; $4" ] || { echo "  no longer as stated"; changed=1; }
}
code=computeroutput
show 'Returns `a. b` of both. It is fast.' \
    "Returns <$code>a. b</$code> of both. / It is fast." \
    "Returns <$code>a. </$code> / b of both. It is fast." 2
show '**Range.** Values lie between 0 and 1.' \
    "<bold>Range.</bold> / Values lie between 0 and 1." \
    "<bold>Range. </bold> / Values lie between 0 and 1." 2
show '**One. Two.** Values lie between 0 and 1.' \
    "<bold>One. Two.</bold> / Values lie between 0 and 1." \
    "<bold>One. </bold> / Two. Values lie between 0 and 1." 2
show '*Range.* Values lie between 0 and 1.' \
    "<emphasis>Range.</emphasis> / Values lie between 0 and 1." \
    "<emphasis>Range. </emphasis> / Values lie between 0 and 1." 2
show '**Range**. Values lie between 0 and 1.' \
    "<bold>Range</bold>. / Values lie between 0 and 1." \
    "<bold>Range</bold>. / Values lie between 0 and 1." 0
exit "$changed"
