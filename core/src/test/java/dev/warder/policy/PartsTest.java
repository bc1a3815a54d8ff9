package dev.warder.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class PartsTest {
  private static final int PATIENCE = 60;

  @Test
  void eachPartIsDoneOnce() {
    for (int count = 0; count < 50; count++) {
      var done = new AtomicIntegerArray(50);
      new Parts(count) {
        @Override
        protected void part(int index) {
          done.incrementAndGet(index);
        }
      }.all();
      for (int i = 0; i < 50; i++) {
        assertThat(done.get(i)).as("part %d of %d", i, count).isEqualTo(i < count ? 1 : 0);
      }
    }
  }

  @Test
  void twoPartsAreDoneAtOnce() {
    var here = Thread.currentThread();
    var others = new Thread[2];
    meeting(() -> { }, others).all();
    assertThat(others).contains(here).doesNotHaveDuplicates().doesNotContainNull();
  }

  @Test
  void whatThePartOfTheOtherThreadThrowsTheCallerGets() {
    var here = Thread.currentThread();
    Parts failing = meeting(() -> {
      if (Thread.currentThread() != here) {
        throw new IllegalArgumentException("a rule names what there is not");
      }
    }, new Thread[2]);
    assertThatThrownBy(failing::all).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("a rule names");
  }

  @Test
  void soItDoesWithAnError() {
    var here = Thread.currentThread();
    Parts failing = meeting(() -> {
      if (Thread.currentThread() != here) {
        throw new StackOverflowError();
      }
    }, new Thread[2]);
    assertThatThrownBy(failing::all).isInstanceOf(StackOverflowError.class);
  }

  @Test
  void anInterruptedCallerHasTheWholeWorkAndIsStillInterrupted() {
    var threads = new Thread[2];
    Thread.currentThread().interrupt();
    try {
      new Parts(2) {
        @Override
        protected void part(int index) {
          threads[index] = Thread.currentThread();
        }
      }.all();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(threads).doesNotContainNull();
  }

  /// Two parts that wait for each other, so that each has a thread of its own.
  private static Parts meeting(Runnable then, Thread[] threads) {
    var both = new CountDownLatch(2);
    return new Parts(2) {
      @Override
      protected void part(int index) {
        threads[index] = Thread.currentThread();
        both.countDown();
        try {
          assertThat(both.await(PATIENCE, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        then.run();
      }
    };
  }
}
