#!/usr/bin/env bash
# The one entry: finds the room that does the work. `./build.sh help` lists the verbs.
set -euo pipefail

root=$(dirname "$(readlink -f "$0")")
readonly root
readonly verbs="help deps lib install test fuzz reproduce minimize prove mutate nightly bench lint clean"

usage() {
  cat <<'TXT'
Usage: ./build.sh VERB [OPTION...]

  fuzz        fuzz the allocator with libFuzzer and AFL++, set-up included
                --engine libfuzzer|afl|all  --time SECONDS  --jobs N
                --sanitizer address|memory|thread|none
                --target NAME|all: another allocator, by its own promises (fuzz/targets)
  test        every test; the last line is `N passed, N failed`     --full: the nightly ones too
  prove       the proof: `frama-c -wp FILE`, run-time errors, 64 and 32 bits, what is trusted
                --plain  --all-provers  --repeat N    --function NAME, --file FILE: not the gate
  mutate      mutation analysis: which known-bad versions of src/ does each checker notice?
                --layer core|process|fixalloc|os|all  --checker NAME[,...]  --subset  --jobs N
                --file FILE  --function NAME  --sample N  --clauses  --list  --report  --show ID
  nightly     a whole campaign, gone on with if it was killed: fuzz, triage, prune, coverage, proofs,
              tests, mutants, and a report in build/report
                --time SECONDS  --state DIR  --jobs N  --stages STAGE,...  --shares SLICE=PERCENT,...
                --gates GATE,...  --foreign DIR
  reproduce   FILE: what a fuzz input does, as C, and which property it breaks
  minimize    FILE: the shortest input that breaks the same property
  bench       [fuzz|symtab|fixalloc] measure against other allocators; or the harness against an
              empty one; or the symbolizer of examples/symtab; or fixalloc against a bare free list
  lib         build libpersist.a and libpersist.so in build/release
  install     --prefix DIR: library, header, pkg-config file, manual page (DESTDIR is honoured)
  lint        shellcheck, clang-format, clang-tidy, mypy
  deps        install everything that any verb needs
  clean       remove build/

--help (any verb): all that it takes.
--no-install (any verb): never install packages; print the line that would, and exit 3.
Exit: 0 fine, 1 findings or failures, 2 misuse, 3 missing packages, 4 the machine.
TXT
}

misuse() {
  echo "build.sh: $*" >&2
  exit 2
}

no_arguments() {
  local verb=$1
  shift
  [ "$#" = 0 ] || misuse "$verb takes no '$1'"
}

deps() {
  "$root/ci/need" build test fuzz lint prove mutate examples nightly
  "$root/proofs/setup"
}

lib() {
  "$root/ci/need" build
  "$root/ci/build" release
  echo "build/release/src/libpersist.a"
  echo "build/release/src/libpersist.so"
}

install_to() {
  local prefix=""
  while [ "$#" -gt 0 ]; do
    case $1 in
      --prefix) [ "$#" -ge 2 ] || misuse "install --prefix needs a directory"; prefix=$2; shift 2 ;;
      --prefix=*) prefix=${1#--prefix=}; shift ;;
      *) misuse "install takes --prefix DIR, not '$1'" ;;
    esac
  done
  case $prefix in
    /*) ;;
    "") misuse "install needs --prefix DIR" ;;
    *) prefix=$PWD/$prefix ;;
  esac
  lib >/dev/null
  # The prefix stands in the pkg-config file, so it is configured, not only copied to.
  meson setup --reconfigure "-Dprefix=$prefix" -Dlibdir=lib "$root/build/release" "$root" >/dev/null
  "$root/ci/build" release
  meson install -C "$root/build/release" --no-rebuild --quiet
  echo "installed under ${DESTDIR:-}$prefix"
}

# Of the room that does the verb's work, if it can speak on this machine. Installs nothing.
help_of() {
  local room
  case $1 in
    test) room=tests/run ;;
    fuzz | reproduce | minimize) room=fuzz/run ;;
    prove) room=proofs/run ;;
    mutate) room=mutants/run ;;
    nightly) room=ci/nightly/run ;;
    bench) room=bench/run ;;
    *) usage; return ;;
  esac
  "$root/$room" --help 2>/dev/null || usage
}

main() {
  local argument verb
  local -a rest=()
  for argument in "$@"; do
    if [ "$argument" = --no-install ]; then
      export PERSIST_NO_INSTALL=1
    else
      rest+=("$argument")
    fi
  done
  set -- "${rest[@]+"${rest[@]}"}"
  [ "$#" -gt 0 ] || { usage >&2; exit 2; }
  verb=$1
  shift
  case " $verbs " in *" $verb "*)
    case " $* " in *" --help "* | *" -h "*) help_of "$verb"; return ;; esac ;;
  esac
  case $verb in
    help | --help | -h) usage ;;
    deps) no_arguments deps "$@"; deps ;;
    lib) no_arguments lib "$@"; lib ;;
    install) install_to "$@" ;;
    test) "$root/ci/need" build test fuzz prove; exec "$root/tests/run" "$@" ;;
    fuzz | reproduce | minimize) "$root/ci/need" fuzz; exec "$root/fuzz/run" "$verb" "$@" ;;
    prove) "$root/ci/need" prove; exec "$root/proofs/run" "$@" ;;
    mutate) "$root/ci/need" build test fuzz prove mutate; exec "$root/mutants/run" "$@" ;;
    nightly) "$root/ci/need" fuzz; exec "$root/ci/nightly/run" "$@" ;;
    bench) "$root/ci/need" build; exec "$root/bench/run" "$@" ;;
    lint) no_arguments lint "$@"; exec "$root/ci/lint" ;;
    clean) no_arguments clean "$@"; rm -rf "${root:?}/build" ;;
    *) misuse "no verb '$verb'; the verbs are: $verbs" ;;
  esac
}

main "$@"
