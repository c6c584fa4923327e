# The bash that runs one task: `bash _shell.sh NONCE FOLDER`. FOLDER/task/0, 1, … are lines (or blocks) of the script, evaluated in order;
# FOLDER/on_success, on_failure and always likewise, where there are any; task/N.section names the section that begins at line N.
# Rules: spec/workflow-language.md section 3.2.
# Sections and the result are told on the output in lines that start with U+001E and the nonce.

_gateline_nonce=$1 _gateline_folder=$2 _gateline_ended=
shift 2
exec 2>&1 # what started it keeps quiet about signals
exec {_gateline_output}>&1

_gateline_tell() {
  builtin printf '\036%s:%s\n' "$_gateline_nonce" "$1" >&"$_gateline_output"
}

_gateline_read() { # FILE: into _gateline_line
  IFS= builtin read -r -d '' _gateline_line <"$1" || builtin :
}

_gateline_section() { # NAME: plain failures are ignored, an `exit` ends the shell
  builtin test -d "$_gateline_folder/$1" || builtin return 0
  _gateline_tell "section:$1"
  _gateline_at=0
  while builtin test -f "$_gateline_folder/$1/$_gateline_at"; do
    _gateline_read "$_gateline_folder/$1/$_gateline_at"
    _gateline_at=$((_gateline_at + 1))
    builtin printf '$ %s\n' "${_gateline_line//$'\n'/$'\n> '}"
    builtin eval "$_gateline_line"
  done
}

_gateline_end() { # STATUS: the task is over; nothing that follows can rescue it
  builtin test -z "$_gateline_ended" || builtin return 0
  _gateline_ended=$1
  builtin trap - ERR
  builtin set +eu
  builtin test ! -e "$_gateline_folder/stopped" || builtin exit "$1"
  if builtin test "$1" -eq 0; then
    _gateline_tell passed
    if builtin test -e "$_gateline_folder/last"; then
      _gateline_section on_success
      _gateline_section always
    fi
  else
    _gateline_tell "failed:$1"
    _gateline_section on_failure
    _gateline_section always
  fi
  builtin exit "$_gateline_ended"
}

trap '_gateline_end $?' EXIT
trap '_gateline_end $?' ERR
trap 'builtin exit 143' TERM # not before what runs has had its own TERM and is over
_gateline_next=0
while builtin test -f "$_gateline_folder/task/$_gateline_next"; do
  if builtin test -f "$_gateline_folder/task/$_gateline_next.section"; then
    _gateline_read "$_gateline_folder/task/$_gateline_next.section"
    _gateline_tell "section:$_gateline_line"
  fi
  _gateline_read "$_gateline_folder/task/$_gateline_next"
  _gateline_next=$((_gateline_next + 1))
  builtin printf '$ %s\n' "${_gateline_line//$'\n'/$'\n> '}"
  builtin eval "$_gateline_line" || _gateline_end $?
done
_gateline_end 0
