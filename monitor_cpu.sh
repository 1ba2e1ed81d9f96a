#!/usr/bin/env bash
# Watches the CPU and memory of a running ERT, its child processes included: one line per interval.
#
# CPU is the processor time that the process tree used over the last interval, as a share of the whole
# machine (100 % = every core busy). RAM is the resident memory of the tree (pages that two processes
# share count in each), as a share of the machine's memory; MB = 10**6 bytes, as everywhere in ERT.
# Needs bash 3.2 and awk, and /proc (Linux) or ps, sysctl and perl (macOS).
# shellcheck disable=SC1111,SC1112 # typographic quotes in French and English sentences

export LC_ALL=C # decimal points in numbers, whatever the locale; the words below are UTF-8 bytes
SYSTEM=$(uname -s)
NEWLINE=$'\n'
DECIMAL='^[0-9]{1,4}(\.[0-9]+)?$'

HELP='Usage : ./monitor_cpu.sh [options] [PID]
Affiche la charge CPU et la mémoire de ERT (ou du processus PID) et de ses processus enfants.

  --interval S   secondes entre deux lignes, de 0.2 à 3600 (2 par défaut)
  --count N      s’arrête après N lignes, puis le résumé
  --once         une seule ligne, sans résumé
  --lang fr|en   langue (fr par défaut)
  -h, --help     cette aide

CPU : part de toute la machine (100 % = tous les cœurs occupés) ; MB = 1 000 000 octets.
OPTIMAL sous 50 %, MODÉRÉ sous 70 %, ÉLEVÉ à partir de 70 %. Ctrl-C affiche le résumé.
Codes de sortie : 0 terminé, 1 ERT introuvable, 2 mauvais usage.

Usage: ./monitor_cpu.sh [options] [PID]
Shows the CPU load and memory of ERT (or of process PID) and of its child processes.

  --interval S   seconds between two lines, 0.2 to 3600 (default 2)
  --count N      stop after N lines, then the summary
  --once         one line only, no summary
  --lang fr|en   language (default fr)
  -h, --help     this help

CPU: share of the whole machine (100% = every core busy); MB = 1,000,000 bytes.
OPTIMAL under 50%, MODERATE under 70%, HIGH from 70%. Ctrl-C prints the summary.
Exit codes: 0 finished, 1 ERT not found, 2 wrong use.'

lang=fr

# say FRENCH ENGLISH: the sentence in the chosen language, on standard error.
say() {
  if [[ $lang == fr ]]; then printf '%s\n' "$1" >&2; else printf '%s\n' "$2" >&2; fi
}

# format_line TIME CPU RAM MB: one line. CPU and RAM in per cent with one decimal, MB an integer.
format_line() {
  local words
  # The level is that of the figure shown: 50.0 is never called OPTIMAL.
  case $lang-$((${2%.*} >= 70 ? 2 : ${2%.*} >= 50)) in
    *-0) words='✅ CPU: %5s%% (OPTIMAL) |' ;;
    fr-1) words='⚠️  CPU: %5s%% (MODÉRÉ) |' ;;
    fr-2) words='🔥 CPU: %5s%% (ÉLEVÉ)  |' ;;
    en-1) words='⚠️  CPU: %5s%% (MODERATE) |' ;;
    en-2) words='🔥 CPU: %5s%% (HIGH)    |' ;;
  esac
  # shellcheck disable=SC2059 # the format is one of the five above
  printf "[%s] $words RAM: %4s%% (%s MB)\n" "$1" "$2" "$3" "$4"
}

# format_summary MEAN PEAK MB_MEAN MB_PEAK DURATION COUNT
format_summary() {
  local plural=s
  [[ $6 == 1 ]] && plural=
  if [[ $lang == fr ]]; then
    printf 'Résumé : CPU moyenne %s%%, pic %s%% | RAM moyenne %s MB, pic %s MB | durée %s | %s mesure%s\n' "$@" "$plural"
  else
    printf 'Summary: CPU mean %s%%, peak %s%% | RAM mean %s MB, peak %s MB | duration %s | %s sample%s\n' "$@" "$plural"
  fi
}

# command_pattern SEPARATOR PATH: the regular expression of a command line that runs ERT.
# On Linux arguments are known apart; ps on macOS joins them with spaces, which paths may hold too.
command_pattern() {
  local s=$1 path=$2 any="(.*$1)?"
  local python="($path/)?[Pp]ython[^/$s]*$s(-[WX]${s}[^$s]+$s|-[^$s]+$s)*"
  printf '%s' "^($python)?($path/)?streamlit(\.web\.cli)?$s${any}run$s$any($path/)?ERT\.py($s|\$)"
}

# ert_processes: "PID START" of each process whose command line runs ERT; START grows with time.
ert_processes() {
  local pattern pid start arguments argument path stat
  if [[ $SYSTEM == Darwin ]]; then
    pattern=$(command_pattern ' ' '.*')
    ps -axww -o pid=,etime=,args= | awk '/streamlit/ {
      n = split($2, part, /[-:]/); split("1 60 3600 86400", unit, " "); age = 0
      for (i = n; i > 0; i--) age += part[i] * unit[n - i + 1]
      line = $0; sub(/^ *[0-9]+ +[^ ]+ +/, "", line); print $1, -age, line
    }' | while read -r pid start arguments; do
      if [[ $arguments =~ $pattern ]]; then echo "$pid $start"; fi
    done
    return
  fi
  pattern=$(command_pattern $'\037' $'[^\037]*')
  grep -ls streamlit /proc/[0-9]*/cmdline | while read -r path; do
    arguments=
    while IFS= read -r -d '' argument; do
      arguments+=$argument$'\037'
    done 2>/dev/null <"$path"
    [[ $arguments =~ $pattern ]] || continue
    { read -r stat <"${path%cmdline}stat"; } 2>/dev/null || continue # it has just ended
    # shellcheck disable=SC2086 # fields of /proc/PID/stat, from the third on
    set -- ${stat##*) }
    pid=${path#/proc/}
    echo "${pid%/cmdline} ${20}"
  done
}

# parent PID: the parent's PID, empty when there is none.
parent() {
  local stat
  if [[ $SYSTEM == Darwin ]]; then
    stat=$(ps -o ppid= -p "$1")
    printf '%s' "${stat// /}"
  elif { read -r stat <"/proc/$1/stat"; } 2>/dev/null; then
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    printf '%s' "$2"
  fi
}

# find_ert: the PIDs of the running ERTs on one line, newest last. A forked child keeps its parent's
# command line: it belongs to its parent's tree, it is not another ERT.
find_ert() {
  local all=' ' pid above found=
  for pid in $(ert_processes | sort -k2,2n -k1,1n | awk '{ print $1 }'); do all+="$pid "; done
  for pid in $all; do
    above=$(parent "$pid")
    while [[ -n $above && $above != 0 && $all != *" $above "* ]]; do above=$(parent "$above"); done
    if [[ -z $above || $above == 0 ]]; then found+="${found:+ }$pid"; fi
  done
  printf '%s' "$found"
}

# machine: the constants of this machine, as arguments of awk.
machine() {
  if [[ $SYSTEM == Darwin ]]; then
    printf '%s ' -v "cores=$(sysctl -n hw.logicalcpu)" -v "memory=$(sysctl -n hw.memsize)" -v tick=1 -v page=1024
  else
    printf '%s ' -v "cores=$(grep -c '^cpu[0-9]' /proc/stat)" -v "tick=$(getconf CLK_TCK)" \
      -v "memory=$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" -v "page=$(getconf PAGESIZE)"
  fi
}

# processes: a monotonic clock (s) alone on the first line, then every process as the system describes it.
processes() {
  if [[ $SYSTEM == Darwin ]]; then
    perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -e 'print clock_gettime(CLOCK_MONOTONIC), " clock\n"' 2>/dev/null ||
      echo "$(date +%s) clock"
    ps -axo pid=,ppid=,time=,rss=,stat=,lstart=
  else
    # A process that ends in mid-reading may be missing from both its own line and its parent's: read again.
    cat /proc/uptime /proc/[0-9]*/stat 2>/dev/null || { echo again && cat /proc/uptime /proc/[0-9]*/stat 2>/dev/null; }
  fi
}

# Reads the state it printed last time, then the processes. Prints "ended", "first", or
# "CPU RAM MB DELAY MEAN PEAK MB_MEAN MB_PEAK DURATION COUNT", then its state for the next time.
# Time of children that ended: the kernel adds it to their parent's children time when the parent
# waits for them. So a tree's time grows by what its processes used themselves, plus the growth of
# their children time less what had been counted already while those children lived.
# shellcheck disable=SC2016 # awk's own variables
MEASURE='
function seconds(text,   part, unit, n, i, sum) { # [[dd-]hh:]mm:ss.cc
  n = split(text, part, /[-:]/); split("1 60 3600 86400", unit, " ")
  for (i = n; i > 0; i--) sum += part[i] * unit[n - i + 1]
  return sum
}
function inside(pid, parents,   up, hops) {
  for (up = pid; up != "" && up != 0 && hops < 1000; hops++) { if (up == root) return 1; up = parents[up] }
  return 0
}
function add(pid, parent, start, own, waited, pages, zombie) {
  key[pid] = pid ":" start; up[pid] = parent; used[pid] = own; children[pid] = waited
  if (zombie) dead[pid] = 1
  resident[pid] = pages * page
}
$1 == "state" { origin = $2; before = $3; start = $4; count = $5; total = $6; peak = $7; mb_sum = $8; mb_peak = $9; next }
$1 == "was" { old_key[$2] = $2 ":" $4; old_up[$2] = $3; old_used[$2] = $5; old_children[$2] = $6; next }
$1 == "again" { now = ""; split("", key); split("", dead); next }
now == "" { now = $1; next }
platform == "Darwin" { add($1, $2, $6 "_" $7 "_" $8 "_" $9 "_" $10, seconds($3), 0, $4, $5 ~ /^Z/); next }
{
  pid = $1; sub(/^[0-9]+ \(.*\) /, "") # a name may hold spaces and parentheses
  add(pid, $2, $20, ($12 + $13) / tick, ($14 + $15) / tick, $22, $1 == "Z")
}
END {
  if (!(root in key) || root in dead || (start != "" && start != key[root])) { print "ended"; exit }
  if (start == "") {
    print "first"; origin = now; count = total = peak = mb_sum = mb_peak = 0
  } else {
    for (pid in old_key) if (key[pid] != old_key[pid] && inside(pid, old_up)) { # ended since
      heir = old_up[pid]
      for (hops = 0; hops < 1000 && heir in old_key && key[heir] != old_key[heir]; hops++) heir = old_up[heir]
      counted[heir] += old_used[pid] + old_children[pid]
    }
    for (pid in key) if (key[pid] != "" && inside(pid, up)) {
      bytes += resident[pid]
      if (old_key[pid] != key[pid]) { cpu += used[pid] + children[pid]; continue }
      if (used[pid] > old_used[pid]) cpu += used[pid] - old_used[pid]
      waited = children[pid] - old_children[pid] - counted[pid]
      if (waited > 0) cpu += waited
    }
    elapsed = now - before
    percent = elapsed > 0 ? 100 * cpu / elapsed / cores : 0
    if (percent > 100) percent = 100
    mb = bytes / 1000000
    count++; total += percent * elapsed; mb_sum += mb
    if (percent > peak) peak = percent
    if (mb > mb_peak) mb_peak = mb
    lasted = now - origin
    delay = interval - (lasted - int(lasted / interval) * interval)
    if (delay < interval / 2) delay += interval # woken a hair early: no second, tiny interval
    printf "%.1f %.1f %.0f %.2f %.1f %.1f %.0f %.0f ", percent, 100 * bytes / memory, mb, delay, \
      (lasted > 0 ? total / lasted : 0), peak, mb_sum / count, mb_peak
    printf "%02d:%02d:%02d %d\n", lasted / 3600, lasted % 3600 / 60, lasted % 60, count
  }
  printf "state %.3f %.3f %s %d %.6f %.6f %.6f %.6f\n", origin, now, key[root], count, total, peak, mb_sum, mb_peak
  for (pid in key) if (key[pid] != "") {
    split(key[pid], part, ":"); sub(/^[0-9]+:/, "", key[pid])
    printf "was %s %s %s %.2f %.2f\n", pid, up[pid], key[pid], used[pid], children[pid]
  }
}'

# measure PID INTERVAL STATE: one step of MEASURE.
measure() {
  # shellcheck disable=SC2086 # $constants is a list of arguments
  { printf '%s\n' "$3" && processes; } | awk $constants -v "root=$1" -v "interval=$2" -v "platform=$SYSTEM" "$MEASURE"
}

summary='' sleeper=''
finish() {
  trap '' INT TERM
  if [[ -n $sleeper ]]; then kill "$sleeper" 2>/dev/null; fi
  if [[ -t 1 ]]; then echo; fi # the terminal has written ^C
  # shellcheck disable=SC2086 # six fields
  if [[ -n $summary ]]; then format_summary $summary; else say 'Aucune mesure.' 'No sample.'; fi
  exit 0
}

# watch PID INTERVAL COUNT: lines until the process ends, or COUNT lines (0: no limit; 1: no summary).
watch() {
  local pid=$1 interval=$2 count=$3 constants result state='' delay=$2
  constants=$(machine)
  trap finish INT TERM
  while :; do
    result=$(measure "$pid" "$interval" "$state")
    state=${result#*"$NEWLINE"}
    result=${result%%"$NEWLINE"*}
    case $result in
      first) ;;
      '') return 1 ;; # awk has said why
      ended)
        if [[ -n $summary ]]; then break; fi
        say "Aucune mesure : le processus $pid n’existe pas ou s’est déjà arrêté." \
          "No sample: process $pid does not exist or has already ended."
        return 1
        ;;
      *)
        # shellcheck disable=SC2086 # ten fields
        set -- $result
        delay=$4
        format_line "$(date +%H:%M:%S)" "$1" "$2" "$3"
        summary="$5 $6 $7 $8 $9 ${10}"
        if [[ ${10} == "$count" ]]; then break; fi
        ;;
    esac
    # In the background, so that a signal is obeyed at once and not when the sleep is over.
    sleep "$delay" >/dev/null &
    sleeper=$!
    wait "$sleeper"
    sleeper=
  done
  # shellcheck disable=SC2086
  if [[ $count != 1 ]]; then format_summary $summary; fi
}

wrong_use() {
  say "$1 Aide : ./monitor_cpu.sh --help" "$2 Help: ./monitor_cpu.sh --help"
  exit 2
}

main() {
  local pid='' interval=2 count=0 option value found
  while [[ $# -gt 0 ]]; do
    option=$1
    shift
    case $option in
      -h | --help)
        printf '%s\n' "$HELP"
        exit 0
        ;;
      --once) count=1 ;;
      --interval=* | --lang=* | --count=*)
        set -- "${option%%=*}" "${option#*=}" "$@"
        ;;
      --interval | --lang | --count)
        [[ $# -gt 0 ]] || wrong_use "L’option $option attend une valeur." "Option $option needs a value."
        value=$1
        shift
        case $option in
          --lang)
            [[ $value == fr || $value == en ]] || wrong_use '--lang attend fr ou en.' '--lang takes fr or en.'
            lang=$value
            ;;
          --count)
            [[ $value =~ ^[1-9][0-9]{0,8}$ ]] ||
              wrong_use '--count attend un nombre entier à partir de 1.' '--count takes a whole number from 1.'
            count=$value
            ;;
          --interval)
            interval=${value/,/.}
            if ! [[ $interval =~ $DECIMAL ]] ||
              awk -v "s=$interval" 'BEGIN { exit s >= 0.2 && s <= 3600 }'; then
              wrong_use '--interval attend des secondes, de 0.2 à 3600.' '--interval takes seconds, 0.2 to 3600.'
            fi
            ;;
        esac
        ;;
      *)
        [[ -z $pid && $option =~ ^[1-9][0-9]{0,9}$ ]] ||
          wrong_use "Argument inattendu : « $option »." "Unexpected argument: “$option”."
        pid=$option
        ;;
    esac
  done
  if [[ -z $pid ]]; then
    found=$(find_ert)
    pid=${found##* }
    if [[ -z $pid ]]; then
      say 'ERT ne tourne pas : aucun processus « streamlit run ERT.py » ; lancez « make run » ou donnez un PID.' \
        'ERT is not running: no “streamlit run ERT.py” process; start it with “make run” or give a PID.'
      exit 1
    elif [[ $found != "$pid" ]]; then
      say "Plusieurs ERT tournent (PID ${found// /, }) : voici le plus récent, $pid ; donnez un PID pour un autre." \
        "Several ERTs are running (PIDs ${found// /, }): this is the newest, $pid; give a PID for another."
    fi
  fi
  watch "$pid" "$interval" "$count"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
