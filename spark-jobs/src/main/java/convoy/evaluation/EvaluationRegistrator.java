package convoy.evaluation;

import com.esotericsoftware.kryo.Kryo;
import convoy.cluster.RecordSerializer;
import convoy.engine.evaluation.Calibration;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.evaluation.ProbabilityMeasures;
import convoy.engine.evaluation.ScoreHistogram;
import convoy.engine.evaluation.Scorecard;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;

/** Registers what travels and what is kept in an evaluation, beside what training registers. */
public final class EvaluationRegistrator implements KryoRegistrator {
  private static final List<Class<?>> CLASSES =
      List.of(
          Scores.class,
          Scorecard.class,
          ProbabilityMeasures.class,
          Calibration.class,
          ScoreHistogram.class,
          ScoreHistogram[].class,
          PairedAnswers.class,
          Mistakes.class,
          float[][][].class);

  @Override
  public void registerClasses(Kryo kryo) {
    CLASSES.forEach(kryo::register);
    kryo.register(Mistake.class, new RecordSerializer<>(Mistake.class));
    kryo.register(ScoredImage.class, new RecordSerializer<>(ScoredImage.class));
  }
}
