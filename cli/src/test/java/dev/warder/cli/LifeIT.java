package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;

/// Processes of a jail: their numbers, their signals, and that none outlives it.
class LifeIT {
  @ForEachCaller
  void theProgramIsProcessTwoUnlessAskedOtherwise(Caller caller) {
    assertThat(caller.run("sh", "-c", "echo $$ $PPID").out()).isEqualTo("2 1\n");
    assertThat(caller.run("--as-pid2", "sh", "-c", "echo $$").out()).isEqualTo("2\n");
    assertThat(caller.run("--as-pid1", "sh", "-c", "echo $$ $PPID").out()).isEqualTo("1 0\n");
  }

  @ForEachCaller
  void onlyItsOwnProcessesAreSeen(Caller caller) {
    var jail = caller.run("sh", "-c", "cd /proc; echo [0-9]*");
    assertThat(jail.out()).isEqualTo("1 2\n");
  }

  @ForEachCaller
  void signalsReachTheProgramsHandlers(Caller caller) {
    for (String signal : new String[] {"TERM", "INT", "HUP", "USR1", "USR2", "QUIT", "WINCH"}) {
      try (var jail = caller.startRun("--", "sh", "-c",
          "trap 'echo got $1; exit 9' $1; echo ready; while :; do sleep 0.02; done", "sh", signal)) {
        jail.said("ready");
        jail.signal(signal);
        var result = jail.end();
        assertThat(result.out()).as(signal + result.err()).isEqualTo("ready\ngot " + signal + "\n");
        assertThat(result.status()).isEqualTo(9);
      }
    }
  }

  @ForEachCaller
  void aProgramWithoutAHandlerDiesByTheSignal(Caller caller) {
    try (var jail = caller.startRun("sh", "-c", "echo ready; exec sleep 20")) {
      jail.said("ready");
      jail.signal("TERM");
      assertThat(jail.end().status()).isEqualTo(143);
    }
  }

  @ForEachCaller
  void killingTheLauncherKillsTheJail(Caller caller) {
    for (String pid : new String[] {"--as-pid1", "--as-pid2"}) {
      String sleep = Tools.uniqueSleep();
      try (var jail = caller.startRun(pid, "--", "sh", "-c", "(setsid sleep $0 &) ; echo ready; sleep $0", sleep)) {
        jail.said("ready");
        jail.signal("KILL");
        assertThat(jail.end().status()).isEqualTo(137);
        Tools.awaitNoSurvivor(sleep);
      }
    }
  }

  @ForEachCaller
  void killingTheLauncherAtAnyMomentLeavesNobody(Caller caller) throws InterruptedException {
    String sleep = Tools.uniqueSleep();
    caller.run("true");
    for (int i = 0; i < 40; i++) {
      try (var jail = caller.startRun("--", "sleep", sleep)) {
        Thread.sleep(Duration.ofNanos(i * 200_000L));
        jail.signal("KILL");
        jail.end();
      }
    }
    Tools.awaitNoSurvivor(sleep);
  }

  @ForEachCaller
  void theCallersDeathKillsTheJail(Caller caller) {
    String sleep = Tools.uniqueSleep();
    try (var shell = caller.startSh("\"$WARDER\" run -- sh -c 'echo ready; exec sleep $0' $1 & read line; exit 3",
        sleep)) {
      shell.said("ready");
      shell.say("go");
      assertThat(shell.end().status()).isEqualTo(3);
      Tools.awaitNoSurvivor(sleep);
    }
  }

  @ForEachCaller
  void theJailOutlivesTheThreadThatStartedIt(Caller caller) throws InterruptedException {
    var started = new ArrayList<Caller.Running>();
    Thread thread = Thread.ofPlatform().start(() ->
        started.add(caller.startRun("sh", "-c", "echo ready; read line; exit 5")));
    thread.join();
    try (var jail = started.getFirst().said("ready")) {
      Thread.sleep(50);
      jail.say("go");
      assertThat(jail.end().status()).isEqualTo(5);
    }
  }

  @ForEachCaller
  void killingEverybodyInsideReachesNobodyOutside(Caller caller) {
    var result = caller.sh("""
        "$WARDER" run -- sh -c 'kill -9 0'; echo alive $?
        "$WARDER" run -- sh -c 'kill -9 -1; exit 4'; echo alive $?""");
    assertThat(result.lines()).as(result.err()).containsExactly("alive 137", "alive 4");
  }

  @ForEachCaller
  void backgroundProcessesEndWithTheProgram(Caller caller) {
    String sleep = Tools.uniqueSleep();
    var jail = caller.run("sh", "-c", "sleep $0 & (setsid sleep $0 &) ; exit 6", sleep);
    assertThat(jail.status()).isEqualTo(6);
    Tools.awaitNoSurvivor(sleep);
  }

  @ForEachCaller
  void theTimeLimitEndsAllOfTheJail(Caller caller) {
    String sleep = Tools.uniqueSleep();
    var jail = caller.run("--timeout", "300ms", "--", "sh", "-c", "trap '' TERM INT; sleep $0 & sleep $0", sleep);
    assertThat(jail.status()).isEqualTo(124);
    Tools.awaitNoSurvivor(sleep);
  }

  @ForEachCaller
  void orphansAreReaped(Caller caller) {
    var jail = caller.run("sh", "-c", """
        for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.05 & true); (true & true); done
        i=0
        while [ "$(echo /proc/[0-9]*)" != '/proc/1 /proc/2' ] && [ $i -lt 200 ]; do sleep 0.02; i=$((i + 1)); done
        echo /proc/[0-9]*""");
    assertThat(jail.out()).as(jail.err()).isEqualTo("/proc/1 /proc/2\n");
  }

  @ForEachCaller
  void aCallerThatIgnoresItsChildrenStillGetsTheStatus(Caller caller) {
    assertThat(caller.sh("trap '' CHLD; exec \"$WARDER\" run -- sh -c 'exit 7'").status()).isEqualTo(7);
    assertThat(caller.sh("trap '' CHLD; exec \"$WARDER\" run -- sh -c 'kill -9 $$'").status()).isEqualTo(137);
    assertThat(caller.sh("trap '' CHLD; exec \"$WARDER\" run -- sh -c 'sleep 0.05 & wait $!; exit 8'").status())
        .isEqualTo(8);
  }

  @ForEachCaller
  void aStoppedLauncherGoesOn(Caller caller) {
    try (var jail = caller.startRun("sh", "-c", "echo ready; read line; exit 5")) {
      jail.said("ready");
      jail.signal("STOP");
      jail.signal("CONT");
      jail.say("go");
      assertThat(jail.end().status()).isEqualTo(5);
    }
  }

  @ForEachCaller
  void twentyJailsRunAtATime(Caller caller) {
    var jails = new ArrayList<Caller.Running>();
    for (int i = 0; i < 20; i++) {
      jails.add(caller.startRun("sh", "-c", "touch /tmp/$0; echo /tmp/*; exit $0", Integer.toString(i)));
    }
    for (int i = 0; i < 20; i++) {
      try (var jail = jails.get(i)) {
        var result = jail.end();
        assertThat(result.out()).as(result.err()).isEqualTo("/tmp/" + i + "\n");
        assertThat(result.status()).isEqualTo(i);
      }
    }
  }
}
