package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.Numerics;
import convoy.engine.data.Shard;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.tensor.Shape;
import convoy.engine.training.TrainingMetrics;
import convoy.sharding.ImageRow;
import convoy.sharding.ReplicaData;
import convoy.sharding.RowUse;
import convoy.storage.ProcessIdentity;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag$;

class ConvoyRegistratorTest {
  private static final TrainingMetrics METRICS = new TrainingMetrics(12, 3.5, 7, -1, 99L << 32);
  private static final Numerics NUMERICS = new Numerics(3, "vector");
  private static final ShardReport REPORT =
      new ShardReport(2, METRICS, 1L << 40, "1 at 10.0.0.7", NUMERICS);
  private static final Shard SHARD =
      new Shard(new Shape(1, 1, 2, 3), new byte[] {1, -1, 2, 127, -128, 0}, new int[] {9});
  private static final Shard EMPTY = new Shard(new Shape(1, 1, 2, 3), new byte[0], new int[0]);
  private static final ReplicaDistances DISTANCES =
      new ReplicaDistances(new double[] {0.1, 1e-300}, Math.PI);
  private static final float[] FLOATS = {1, -0f, Float.MIN_VALUE, Float.NaN, 1e30f};

  /** One of each record that travels. */
  private static final List<Record> SAMPLES =
      List.of(
          new Shape(2, 3, 4, 5),
          SHARD,
          new ReplicaData(SHARD, EMPTY),
          new RowUse(new long[] {1, 7}, new long[] {}),
          new ImageRow(true, 5, 2, new byte[] {3, 4}),
          new ModelState(FLOATS, new float[][] {{1, 2}, {3}, {}}),
          NUMERICS,
          METRICS,
          REPORT,
          new SlicePart(REPORT, FLOATS),
          DISTANCES,
          new AveragedSlice(4, FLOATS, DISTANCES, new ArrayList<>(List.of(REPORT, REPORT))));

  private final SerializerInstance kryo =
      new KryoSerializer(
              new SparkConf(false)
                  .set("spark.kryo.registrationRequired", "true")
                  .set("spark.kryo.registrator", ConvoyRegistrator.class.getName()))
          .newInstance();

  @Test
  void everyRecordTravels() {
    assertEquals(
        ConvoyRegistrator.RECORDS,
        SAMPLES.stream().map(Record::getClass).collect(Collectors.toList()),
        "each record has a sample here");
    for (Record sample : SAMPLES) {
      assertArrayEquals(new Object[] {parts(sample)}, new Object[] {parts(roundTrip(sample))});
    }
  }

  @Test
  void arraysTravel() {
    assertArrayEquals(FLOATS, roundTrip(FLOATS));
    assertArrayEquals(new float[][] {FLOATS, {}}, roundTrip(new float[][] {FLOATS, {}}));
    assertArrayEquals(new long[] {1, -1}, roundTrip(new long[] {1, -1}));
    assertArrayEquals(new long[][] {{1}, {}}, roundTrip(new long[][] {{1}, {}}));
  }

  @Test
  void evaluationsTravel() {
    Evaluation evaluation = new Evaluation(3);
    evaluation.add(1, new float[] {0, 1, 2}, 0, 0.7);
    evaluation.add(2, new float[] {0, Float.NaN, 2}, 0, Double.NaN);
    Evaluation received = roundTrip(evaluation);
    List<String> names = List.of("ant", "bee", "cat");
    assertEquals(evaluation.toTree(names, 1), received.toTree(names, 1));
    received.add(0, new float[] {3, 1, 2}, 0, 0.2);
    assertEquals(3, received.images());
  }

  @Test
  void aClassThatNobodyRegisteredIsRefused() {
    ProcessIdentity unregistered = new ProcessIdentity("host", 1, 2, 3);
    Exception e = assertThrows(RuntimeException.class, () -> roundTrip(unregistered));
    assertTrue(e.getMessage().contains("not registered"), e.getMessage());
  }

  private <T> T roundTrip(T value) {
    return kryo.deserialize(
        kryo.serialize(value, ClassTag$.MODULE$.apply(Object.class)),
        ClassTag$.MODULE$.apply(Object.class));
  }

  /** A record as nested arrays and lists, since records compare arrays by identity. */
  private static Object parts(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(ConvoyRegistratorTest::parts).toArray();
    }
    if (!(value instanceof Record)) {
      return value;
    }
    List<Object> parts = new ArrayList<>(List.of(value.getClass()));
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        parts.add(parts(component.getAccessor().invoke(value)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return parts.toArray();
  }
}
